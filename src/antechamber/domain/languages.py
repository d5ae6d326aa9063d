"""The languages that mail and pages speak, and which of them a person wants."""

ENGLISH = "en"
CHINESE = "zh"
JAPANESE = "ja"
# By code (ISO 639-1), as their readers call them.
LANGUAGES = {ENGLISH: "English", CHINESE: "中文", JAPANESE: "日本語"}


def preferred(accepted: str) -> str:
    """Return the first known language of an Accept-Language header, empty for none.

    Source: RFC 9110 section 12.5.4; ranges are matched by their first subtag (RFC 4647 section 3.4).
    """
    best, best_weight = "", 0.0
    for part in accepted.split(","):
        tag, *parameters = part.strip().lower().split(";")
        language = tag.strip().partition("-")[0]
        weight = _weight(parameters)
        if language in LANGUAGES and weight > best_weight:
            best, best_weight = language, weight
    return best


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.strip().partition("=")
        if name == "q":
            try:
                return min(float(value), 1.0)
            except ValueError:
                return 0.0
    return 1.0
