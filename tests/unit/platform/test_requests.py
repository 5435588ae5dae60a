"""What all request models share."""

import json
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import marketplace
from contracts.examples import BODIES
from contracts.handlers import all_frames
from marketplace.chat import frames
from marketplace.platform.api.request_model import MOST_ERRORS, Query, RequestModel, parse
from marketplace.platform.refusals import ValidationFailed

CANARY = "kanarienvogel"
REMOVED_BY_NULL = {
    *(
        (model, field)
        for model in ("ProfileChange", "TherapistChange")
        for field in ("whatsApp", "biography", "visitsPerDay", "serviceArea")
    ),
    ("ProfileChange", "instantConfirm"),
    ("TherapistChange", "email"),
    ("PreferencesChange", "quietHours"),
    *(("HotelChange", field) for field in ("latitude", "longitude")),
    *(("DiscountCodeChange", field) for field in ("maxUses", "maxUsesPerCustomer", "validFrom", "validUntil")),
    *(
        (model, field)
        for model in ("GivenRules", "NewPolicy", "PolicyReplay")
        for field in ("pauseOffersWhenOverdueDays", "missedOffersUntilOffline", "commissionAccount")
    ),
}

IN_THE_WORDS_OF_OTHERS = {"ProviderEvent"}
"""Bodies that a provider sends: a field that it adds must not keep us from hearing that somebody has paid."""


def _models() -> Iterator[type[RequestModel]]:
    for module in walk_packages(marketplace.__path__, "marketplace."):
        if module.name.endswith(("requests", "queries")):
            import_module(module.name)
    pending: list[type[RequestModel]] = [RequestModel]
    while pending:
        for model in pending.pop().__subclasses__():
            pending.append(model)
            yield model


MODELS = sorted(set(_models()), key=lambda model: model.__name__)
QUERIES = [model for model in MODELS if issubclass(model, Query) and model is not Query]
BODY_MODELS = [model for model in MODELS if not issubclass(model, Query)]
DOORS = [model for model in BODY_MODELS if model.__name__ in BODIES or model in {frame.model for frame in all_frames()}]
NAMES = sorted({field.alias or name for model in MODELS for name, field in model.model_fields.items()})

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec=None), max_size=20)
    | st.sampled_from(["t-ayu", "2026-11-22T08:15:00Z", "09:00", "immediate", "online", "id", "081234567890"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=9), inner, max_size=5)
    ),
    max_leaves=10,
)


@pytest.mark.parametrize("model", DOORS, ids=lambda model: model.__name__)
@settings(max_examples=50)
@given(payload=VALUES | st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=8))
def test_no_body_whatever_raises_anything_but_a_refusal(model: type[RequestModel], payload: object) -> None:
    with suppress(ValidationFailed):
        assert isinstance(parse(model, payload), model)


@pytest.mark.parametrize("model", QUERIES, ids=lambda model: model.__name__)
@settings(max_examples=50)
@given(
    parameters=st.dictionaries(
        st.sampled_from(NAMES) | st.text(max_size=5), st.text(st.characters(codec=None), max_size=20)
    )
)
def test_no_query_string_whatever_raises_anything_but_a_refusal(model: type[Query], parameters: dict[str, str]) -> None:
    with suppress(ValidationFailed):
        assert isinstance(parse(model, parameters), model)


@pytest.mark.parametrize("name", BODIES)
def test_the_example_of_every_body_is_accepted(name: str) -> None:
    (model,) = (model for model in MODELS if model.__name__ == name)
    assert isinstance(parse(model, BODIES[name]), model)


def _errors(model: type[RequestModel], payload: object) -> dict[str, str]:
    with pytest.raises(ValidationFailed) as refused:
        parse(model, payload)
    return {error.path: error.message for error in refused.value.errors}


@pytest.mark.parametrize("name", [name for name in BODIES if name not in IN_THE_WORDS_OF_OTHERS])
def test_an_unknown_field_is_refused_everywhere(name: str) -> None:
    (model,) = (model for model in MODELS if model.__name__ == name)
    assert _errors(model, {**BODIES[name], "unheardOf": 1}) == {"unheardOf": "This field is not known."}


@pytest.mark.parametrize("name", IN_THE_WORDS_OF_OTHERS)
def test_a_provider_may_say_what_we_do_not_know(name: str) -> None:
    (model,) = (model for model in MODELS if model.__name__ == name)
    assert isinstance(parse(model, {**BODIES[name], "unheardOf": 1}), model)


@pytest.mark.parametrize("model", BODY_MODELS, ids=lambda model: model.__name__)
def test_null_is_refused_wherever_it_removes_nothing(model: type[RequestModel]) -> None:
    for name, field in model.model_fields.items():
        alias = field.alias or name
        if (model.__name__, alias) not in REMOVED_BY_NULL:
            assert alias in _errors(model, {**BODIES.get(model.__name__, {}), alias: None})


@pytest.mark.parametrize("model", [*BODY_MODELS, *QUERIES], ids=lambda model: model.__name__)
def test_python_names_are_not_wire_names(model: type[RequestModel]) -> None:
    for name, field in model.model_fields.items():
        assert field.alias == name or "_" in name or name not in {field.alias for field in model.model_fields.values()}
        if field.alias != name and not issubclass(model, Query):
            assert name in _errors(model, {name: "t-ayu"})


@pytest.mark.parametrize("payload", [[], "text", 1, None, True])
def test_only_an_object_is_a_body(payload: object) -> None:
    assert _errors(BODY_MODELS[0], payload) == {"": "This must be an object."}


@settings(max_examples=30)
@given(
    st.dictionaries(
        st.sampled_from(NAMES) | st.just(f"<{CANARY}>"),
        st.just(CANARY) | st.lists(st.just(CANARY)) | st.dictionaries(st.just(f"{CANARY} "), st.just(CANARY)),
        min_size=1,
    )
)
def test_no_refusal_repeats_what_was_sent(payload: dict[str, Any]) -> None:
    for model in (door for door in DOORS if door.__name__ not in IN_THE_WORDS_OF_OTHERS):
        with pytest.raises(ValidationFailed) as refused:
            parse(model, {**payload, "unknown": CANARY})
        assert CANARY not in json.dumps(refused.value.extensions)
        assert CANARY not in str(refused.value)


def test_an_unknown_field_is_named_only_if_it_looks_like_a_name() -> None:
    model = BODY_MODELS[0]
    assert "x" * 65 not in _errors(model, {"x" * 65: 1})
    assert "commissionRate" in _errors(model, {"commissionRate": 1})


def test_a_body_of_thousands_of_errors_gets_a_short_answer() -> None:
    assert len(_errors(BODY_MODELS[0], {f"field{number}": 1 for number in range(5_000)})) == MOST_ERRORS


def test_a_parsed_request_cannot_be_changed() -> None:
    frame = parse(frames.TypingFrame, {"conversationId": "r-1"})
    with pytest.raises(ValueError, match="frozen"):
        frame.conversation_id = "r-2"  # type: ignore[misc] # the point of the test


@pytest.mark.parametrize("model", QUERIES, ids=lambda model: model.__name__)
def test_an_unknown_parameter_and_one_without_a_value_are_refused(model: type[Query]) -> None:
    required = {"date": "2026-11-22", "duration": "60", "month": "2026-11"}
    aliases = [field.alias or name for name, field in model.model_fields.items()]
    given = {name: value for name, value in required.items() if name in aliases}
    assert isinstance(parse(model, given), model)
    assert _errors(model, {**given, "utm_source": "x"}) == {"utm_source": "This field is not known."}
    for alias in aliases:
        assert set(_errors(model, {**given, alias: ""})) == {alias}
