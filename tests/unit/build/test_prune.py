"""Of botocore's descriptions what is called is kept as it is, and nothing else."""

import json
import shutil
from functools import cache
from pathlib import Path
from typing import Any, Final

import botocore
import botocore.session
import pytest
from botocore.config import Config
from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape

from layers.build.prune import (
    OPERATIONS,
    TRUSTED_ROOTS,
    called_part,
    prune_descriptions,
    prune_roots,
)
from tests.rights import granted, used_by_the_platform

BOTOCORE: Final = Path(botocore.__file__).parent
USED_IN: Final = {
    "ConditionCheckItem": "TransactWriteItems",
    "DeleteObjectVersion": "DeleteObject",
    "ListBucket": "HeadObject",  # without it a missing object is forbidden instead of not found
}
"""Rights that are used in another operation than the one that bears their name."""
REGIONS: Final = ("ap-southeast-3", "us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1")


def copied(folder: Path) -> Path:
    """Copy botocore's descriptions; those that lie in its own folder it takes for its own, and treats otherwise."""
    folder.mkdir()
    for path in BOTOCORE.joinpath("data").glob("*.json"):
        shutil.copy(path, folder)
    for service in OPERATIONS:
        shutil.copytree(BOTOCORE / "data" / service, folder / service)
    return folder


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(tmp_path_factory.mktemp("shipped") / "data")


@pytest.fixture(scope="module")
def pruned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copied(tmp_path_factory.mktemp("pruned") / "data")
    prune_descriptions(folder)
    return folder


def described(folder: Path, service: str) -> ServiceModel:
    loader = Loader(extra_search_paths=[str(folder)], include_default_search_paths=False)
    return ServiceModel(loader.load_service_model(service, "service-2"), service)


def outline(shape: Shape | None, inside: tuple[str, ...] = ()) -> Any:  # noqa: ANN401 - a tree of any form
    """Return everything that a call depends on of a shape; where it contains itself its name is enough."""
    if shape is None or shape.name in inside:
        return shape and shape.name
    within = (*inside, shape.name)
    parts: Any = None
    match shape:
        case StructureShape():
            parts = {name: outline(member, within) for name, member in shape.members.items()}
        case ListShape():
            parts = outline(shape.member, within)
        case MapShape():
            parts = (outline(shape.key, within), outline(shape.value, within))
        case _:
            parts = list(getattr(shape, "enum", ()))
    return shape.name, shape.type_name, shape.serialization, shape.metadata, parts


def what_a_call_needs(operation: OperationModel) -> Any:  # noqa: ANN401 - a tree of any form
    return (
        operation.http,
        operation.endpoint,
        operation.auth_type,
        operation.http_checksum,
        operation.static_context_parameters,
        operation.context_parameters,
        *(outline(shape) for shape in (operation.input_shape, operation.output_shape)),
        sorted(error.name for error in operation.error_shapes),
    )


@pytest.mark.parametrize("service", sorted(OPERATIONS))
def test_a_called_operation_is_described_as_before(shipped: Path, pruned: Path, service: str) -> None:
    before, after = described(shipped, service), described(pruned, service)

    assert set(after.operation_names) == OPERATIONS[service]
    assert {key: after.metadata[key] for key in after.metadata} == before.metadata
    for name in OPERATIONS[service]:
        assert what_a_call_needs(after.operation_model(name)) == what_a_call_needs(before.operation_model(name))


def test_every_right_of_a_role_is_one_to_a_described_operation() -> None:
    rights = {action for _, action, _ in set(granted()) - set(used_by_the_platform())}
    described_rights = {f"{service}:{name}" for service, names in OPERATIONS.items() for name in names}
    named = {f"{service}:{USED_IN.get(name, name)}" for service, _, name in (right.partition(":") for right in rights)}

    assert {right for right in named if right.split(":")[0] in OPERATIONS} <= described_rights


@cache
def session(folder: Path) -> botocore.session.Session:
    """Return a session that reads the descriptions in a folder, each of them once."""
    made = botocore.session.Session()
    made.register_component("data_loader", Loader(extra_search_paths=[str(folder)], include_default_search_paths=False))
    return made


def client(folder: Path, service: str, region: str) -> Any:  # noqa: ANN401 - botocore makes its clients at run time
    return session(folder).create_client(
        service,
        region_name=region,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(parameter_validation=False),
    )


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("service", sorted(OPERATIONS))
def test_a_service_is_found_at_the_same_address(shipped: Path, pruned: Path, service: str, region: str) -> None:
    metas = [client(folder, service, region).meta for folder in (shipped, pruned)]

    assert len({(meta.endpoint_url, meta.region_name, meta.service_model.signing_name) for meta in metas}) == 1
    assert metas[0].service_model.client_context_parameters == metas[1].service_model.client_context_parameters


def test_forms_and_links_lead_to_the_same_places(shipped: Path, pruned: Path) -> None:
    before, after = (client(folder, "s3", "ap-southeast-3") for folder in (shipped, pruned))

    forms = [s3.generate_presigned_post(Bucket="uploads", Key="k") for s3 in (before, after)]
    links = [
        s3.generate_presigned_url("get_object", Params={"Bucket": "uploads", "Key": "k"}) for s3 in (before, after)
    ]

    assert forms[0]["url"] == forms[1]["url"]
    assert forms[0]["fields"].keys() == forms[1]["fields"].keys()
    assert links[0].partition("?")[0] == links[1].partition("?")[0]


def test_an_unknown_operation_stops_the_build() -> None:
    description: dict[str, Any] = {"metadata": {}, "operations": {}, "shapes": {}}

    with pytest.raises(KeyError, match="PutItem"):
        called_part(description, frozenset({"PutItem"}))


def test_no_prose_is_kept_but_members_of_that_name_are() -> None:
    description = {
        "metadata": {},
        "documentation": "<p>A service.</p>",
        "operations": {"Say": {"name": "Say", "input": {"shape": "Words"}, "documentation": "<p>Says.</p>"}},
        "shapes": {
            "Words": {"type": "structure", "members": {"documentation": {"shape": "Text", "documentation": "..."}}},
            "Text": {"type": "string"},
            "Other": {"type": "string"},
        },
    }

    kept = called_part(description, frozenset({"Say"}))

    assert "<p>" not in json.dumps(kept)
    assert kept["shapes"] == {
        "Words": {"type": "structure", "members": {"documentation": {"shape": "Text"}}},
        "Text": {"type": "string"},
    }


def test_of_the_roots_those_of_aws_stay(tmp_path: Path) -> None:
    bundle = tmp_path / "cacert.pem"
    shutil.copy(BOTOCORE / "cacert.pem", bundle)

    prune_roots(bundle)

    subjects = [line.removeprefix("# Subject: ") for line in bundle.read_text().splitlines() if "# Subject: " in line]
    assert len(subjects) == 5
    assert all(subject.startswith(TRUSTED_ROOTS) for subject in subjects)
    assert bundle.read_text().count("-----BEGIN CERTIFICATE-----") == len(subjects)


def test_a_bundle_without_the_roots_of_aws_stops_the_build(tmp_path: Path) -> None:
    bundle = tmp_path / "cacert.pem"
    bundle.write_text("# Issuer: CN=Somebody\n# Subject: CN=Somebody\n")

    with pytest.raises(ValueError, match="Amazon Root CA"):
        prune_roots(bundle)
