"""The register of codes, and the page made from it."""

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from konnect_tui.codes import REGISTER, Code
from konnect_tui.errors import ExitCode

ROOT = Path(__file__).parents[2]
EXITS = {status.value for status in ExitCode}


def test_the_page_agrees_with_the_register() -> None:
    """docs/codes.md lists exactly the codes of this release; `python -m tests.tools.write_codes` writes it."""
    spec = spec_from_file_location("write_codes", ROOT / "tests" / "tools" / "write_codes.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    agrees = (ROOT / "docs" / "codes.md").read_text() == module.page()
    assert agrees, "run: python -m tests.tools.write_codes"


@pytest.mark.parametrize(("name", "code"), REGISTER.items(), ids=list(REGISTER))
def test_a_code_is_kebab_case_and_says_what_to_do(name: str, code: Code) -> None:
    """Every code is kebab-case, says what it means and what to do in whole sentences, and has a known exit status."""
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
    for text in (code.meaning, code.cure):
        assert text[0].isupper() or text[0] in "'`"
        assert text.endswith((".", "?"))
    assert code.exit in EXITS


def test_a_code_stands_once() -> None:
    """No code is written twice: the second would silently win."""
    names = re.findall(r'^    "([^"]+)": Code\(', (ROOT / "konnect_tui" / "codes.py").read_text(), re.MULTILINE)
    assert sorted(names) == sorted(REGISTER)


def test_every_code_used_is_registered() -> None:
    """No module names a code that the register does not have."""
    used = set()
    for path in (ROOT / "konnect_tui").rglob("*.py"):
        text = path.read_text()
        used |= set(re.findall(r'KonnectError\(\s*"([^"]+)"', text))
        used |= set(re.findall(r'\b(?:error|warning|note)\(\s*[^,()]+,\s*"([a-z0-9-]+)"', text))
    assert used - set(REGISTER) == set()
