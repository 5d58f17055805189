"""The desk's page for sheets: download one, fill it in, try it out, take it in; with every cell that keeps it out.

One rule: nothing is changed unless it is asked for. The form's own choice is to try, which tells what would be.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData, UploadFile

from harbour_api.domain.sheet import Kind
from harbour_api.store.access import Who
from harbour_api.store.transfer.exports import Form
from harbour_api.web.api.transfer import taken_in
from harbour_api.web.desk.frame import desk_page
from harbour_api.web.house import House, InHouse
from harbour_api.web.pages.parameters import LANG, language_only
from harbour_api.web.security import SignedIn
from harbour_api.web.words import Words, mark

PATH = "/manage/transfer"
KINDS = {Kind.STATIONS: mark("站点资料"), Kind.OFFERINGS: mark("设施与服务"), Kind.DAYS: mark("每日人次")}
REASONS: Mapping[str, str] = {  # a refusal's English as the API tells it, and its Chinese
    r"must not be empty": "不能空着",
    r"must be text: .*": "要写成文字：数字会丢掉开头的 0，请把单元格设为文本再填一次",
    r"must be one of (.*)": "只能填：{0}",
    r"must be a whole number from 0 to (\d+)": "要填 0 到 {0} 的整数",
    r"must be degrees .*": "要填度数，例如 113.385210",
    r"must be a day .*": "要填日期，例如 2026-11-23；不能只是一个数字",
    r"goes with its other day: .*": "开始和结束两个日期要一起填，或者都不填",
    r"must not lie before from, and make (\d+) days .*": "结束不能早于开始，前后最多 {0} 天",
    r"must lie in the years (\d+) to (\d+)": "年份要在 {0} 到 {1} 之间",
    r"must be one line of printable text": "只能是一行文字，不能有看不见的字符",
    r"may have (\d+) characters at most": "最多 {0} 个字",
    r"may have digits, .*": "只能有数字、空格和 + - ( )",
    r"has (\d+) cells where the header has (\d+)": "这一行有 {0} 格，表头有 {1} 格",
    r"stands a second time in the header": "表头里出现了两次",
    r"is no column of \w+; its columns are (.*)": "没有这一列；可以有的列：{0}",
    r"a sheet may have (\d+) columns at most": "一张表最多 {0} 列",
    r"a sheet may have (\d+) rows at most": "一张表最多 {0} 行",
    r"the header lacks this column": "表头缺少这一列",
    r"row (\d+) is about the same already": "与第 {0} 行重复",
    r"is not one of your stations": "不是您管理的站点",
    r"no station has that code.*": "没有这个编号的站点；要新开站点，请把编号空着",
    r"a row needs the code .*": "要填站点编号或联行号",
    r"no station has that clearing code, .*": "没有这个联行号的站点；只有管理员可以新开站点",
    r"must be 12 digits .*": "联行号是 12 位数字，最后一位是校验位",
    r"is not the clearing code of that station": "不是这个站点的联行号",
    r"is needed to open a station": "新开站点要有这一列",
    r"must be the code or the name of a town.*": "要填镇街的名称或代码",
    r"must be a code listed under /api/v1/amenities": "没有这个设施代码",
    r"the station is at version (\d+) now.*": "站点资料在下载之后改过（现在是第 {0} 版）：请重新下载再改",
    r"lies more than (\d+) km from its town.*": "离所在镇街超过 {0} 公里；经度和纬度是不是写反了？",
    r"(?:longitude|latitude) must lie between (\S+) and (\d+)(?!.*swapped)": "要在 {0} 到 {1} 之间",
    r"(?:longitude|latitude) must lie between (\S+) and (\d+); .*": "要在 {0} 到 {1} 之间；经度和纬度是不是写反了？",
    r"must be what its audiences add up to": "要等于各类人次之和",
    r"is needed: the day was recorded .*": "这一天已经有别的数字，要写明原因",
    r"That day has not come yet\.": "这一天还没有到",
    r"day_locked: .*": "这一天已经锁定（超过 14 天），请管理员解锁",
    r"not in the OSM opening_hours syntax": "不是 OSM opening_hours 的写法",
    r"give plain times: .*|PH must stand alone .*": "开放时间要写明确的钟点，PH 单独写",
    r"the file is empty": "文件是空的",
    r"is an old XLS file .*": "是旧的 XLS 或加了密码的文件；请另存为不加密码的 XLSX",
    r"not UTF-8, but .*UTF-16.*": "不是 UTF-8，而是 UTF-16；请在 Excel 或 WPS 里另存为 XLSX 或 CSV UTF-8",
    r"not UTF-8, but .*GBK.*": "不是 UTF-8，可能是 GBK；请在 Excel 或 WPS 里另存为 XLSX 或 CSV UTF-8",
    r"not UTF-8, but .*": "不是 UTF-8，或已损坏；请在 Excel 或 WPS 里另存为 XLSX 或 CSV UTF-8",
    r"broken CSV, .*": "CSV 已损坏，常常是引号多了或少了一个",
    r"is damaged, or no XLSX file.*": "文件已损坏，或不是 XLSX",
    r"has macros; .*": "含有宏；请另存为不含宏的 XLSX",
    r"a workbook must have one sheet, .*": "只能有一张工作表，免得弄错是哪一张",
    r"is hidden; .*": "这一行被隐藏了；请显示出来或删掉",
    r"the column is hidden; .*": "这一列被隐藏了；请显示出来或删掉",
    r"is a formula; .*": "是公式；请粘贴成数值",
    r"is merged with .*": "是合并单元格；请取消合并",
    r"holds an error of .*": "是表格软件的错误值",
    r"and (\d+) more": "另外还有 {0} 处",
}

router = APIRouter(tags=["managers' pages"], default_response_class=HTMLResponse)


@router.get(PATH, summary="Sheets, as a page", openapi_extra={"parameters": [LANG]})
async def transfer_page(request: Request, who: SignedIn) -> Response:
    """Show what can be downloaded, and the form for a sheet."""
    return _page(request, who, language_only(request.query_params))


@router.post(PATH, summary="Take a sheet in from the page", openapi_extra={"parameters": [LANG]})
async def take_in_from_page(request: Request, house: InHouse, who: SignedIn) -> Response:
    """Try a sheet out, or take it in, and show what came of it."""
    words = language_only(request.query_params)
    async with request.form(max_files=1, max_fields=10) as form:
        return await _answer(request, house, who, words, form)


async def _answer(request: Request, house: House, who: Who, words: Words, form: FormData) -> Response:
    kind, file = form.get("kind"), form.get("file")
    if kind not in list(Kind) or not isinstance(file, UploadFile) or not file.filename:
        return _page(request, who, words, fault=words("请选择内容和文件。"), status=400)
    is_dry = form.get("do") != "take"
    report, status = await taken_in(house, who, await file.read(), Kind(str(kind)), is_dry=is_dry)
    rejected = [{**reject, "reason": reason_in(words, reject["reason"])} for reject in report["rejected"]]
    told = {"report": report, "rejected": rejected, "is_dry": is_dry, "kind": kind}
    return _page(request, who, words, status=status, **told)


def reason_in(words: Words, reason: str) -> str:
    """Return why a cell is refused, in the language of the page."""
    if words.lang == "zh":
        for pattern, chinese in REASONS.items():
            if found := re.fullmatch(pattern, reason):
                return chinese.format(*found.groups())
    return reason


def _page(request: Request, who: Who, words: Words, *, status: int = 200, **told: object) -> HTMLResponse:
    context = {
        "kinds": [(kind.value, words(name)) for kind, name in KINDS.items()],
        "forms": [(form.value, form.value.upper()) for form in Form],
        "kind": Kind.STATIONS.value,
        "fault": "",
        "report": None,
        "rejected": [],
        "is_dry": False,
    }
    return desk_page(request, who, "desk_transfer.html", words, context | told, status=status)
