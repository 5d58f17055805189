"""What a harbour is and how it behaves: pure values and rules, no SQL, no HTTP, no clock, no environment."""
