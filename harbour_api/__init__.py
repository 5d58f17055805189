"""The registry and locator of the Labourer Harbour (劳动者港湾) rest stations of Zhongshan."""
