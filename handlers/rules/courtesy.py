"""Words that are polite and nothing more: a greeting or thanks needs no lawyer."""

from __future__ import annotations

import re
from typing import Literal

_THANKS = {
    "谢谢", "谢谢你", "谢谢您", "多谢", "感谢", "非常感谢", "谢了", "谢谢了", "好的谢谢", "好谢谢", "好的", "好",
    "知道了", "明白了", "嗯", "嗯嗯", "收到", "行", "thanks", "thank you", "thank you very much", "ok", "okay",
}  # fmt: skip
_GREETINGS = {
    "你好", "您好", "你好啊", "在吗", "在么", "有人吗", "早上好", "上午好", "下午好", "晚上好", "喂",
    "hello", "hi", "hey", "good morning", "good evening", "anyone there",
}  # fmt: skip


def courtesy(text: str) -> Literal["thanks", "greeting"] | None:
    """'thanks' or 'greeting' when a message is nothing else, else None."""
    words = re.sub(r"[^\w ]", "", text.strip().lower()).strip()
    if words in _THANKS:
        return "thanks"
    return "greeting" if words in _GREETINGS else None
