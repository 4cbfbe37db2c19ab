"""What a person is told where something is away: one line that says what to do."""

from typing import Any

import httpx
import pytest
from prefect.states import Running

from cli.commands.review import require_network, run_review
from cli.flow_run import run_flow
from planning_review.errors import TransientError, UsageError
from planning_review.parameters import ReviewParameters
from planning_review.references import SAMPLE_COUNCIL, SAMPLE_REFERENCE, describe_review
from planning_review.register.councils import get_council
from planning_review.settings import load_settings

PROXIES = ("http_proxy", "https_proxy", "all_proxy")


@pytest.fixture
def without_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.usefixtures("without_proxy")
def test_off_the_network_one_line_asks_whether_we_are_online() -> None:
    with pytest.raises(TransientError) as told:
        require_network(get_council("cherwell", "https://register.invalid"))
    assert str(told.value).startswith("There is no connection to register.invalid: are you online?")
    require_network(get_council("cherwell", "http://127.0.0.1:9"))


def test_names_are_left_to_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    require_network(get_council("cherwell", "https://register.invalid"))


def test_way_on_names_the_same_application() -> None:
    assert describe_review(SAMPLE_REFERENCE, SAMPLE_COUNCIL) == "planning-review review --sample"
    other = describe_review("26/00001/F", SAMPLE_COUNCIL)
    assert other == "planning-review review 26/00001/F --council sample"


def test_sample_council_says_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLANNING_REGISTER_URL", raising=False)
    asked: dict[str, Any] = dict.fromkeys(("model", "decisions_file", "documents_folder", "print_json"))
    asked["told"] = {}
    with pytest.raises(UsageError, match=r"has one application, 26/00417/OUT\. .* review --sample"):
        run_review(
            reference="26/00001/F", is_sample=False, council=SAMPLE_COUNCIL, include=(), refresh=(), **asked
        )


@pytest.mark.parametrize("is_told", [True, False])
def test_server_that_goes_away_during_a_run_is_named(monkeypatch: pytest.MonkeyPatch, is_told: bool) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:4321/api")

    def flow(parameters: ReviewParameters, *, return_state: bool) -> object:
        if is_told:
            raise httpx.ConnectError("refused")
        return Running()

    asked = ReviewParameters(reference="26/00001/F")
    with pytest.raises(
        TransientError, match=r"server http://127\.0\.0\.1:4321 went away .*`planning-review up`"
    ):
        run_flow(flow, asked, load_settings())
