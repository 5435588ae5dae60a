"""Hosted CI runs the targets that a person runs, from pinned actions and without rights."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cloudformation import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))


def steps(workflow: Path) -> list[dict[str, Any]]:
    return [
        step for job in yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"].values() for step in job["steps"]
    ]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_only_read_and_uses_actions_by_digest(workflow: Path) -> None:
    text = workflow.read_text(encoding="utf-8")

    assert yaml.safe_load(text)["permissions"] == {"contents": "read"}
    assert "permissions" not in str(yaml.safe_load(text)["jobs"])
    used = re.findall(r"uses: (.*)", text)
    assert used
    assert [line for line in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)] == []


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_runs_targets_of_the_makefile(workflow: Path) -> None:
    made = [
        word
        for step in steps(workflow)
        for word in step.get("run", "").removeprefix("make ").split()[:1]
        if step.get("run", "").startswith("make ")
    ]

    assert made
    assert set(made) <= TARGETS


def test_a_change_is_checked_tested_and_tried_in_a_browser() -> None:
    runs = {step.get("run") for step in steps(ROOT / ".github/workflows/ci.yml")}

    assert {"make check", "make test", "make test-browser"} <= runs


def test_every_lock_file_is_kept_up_to_date() -> None:
    updates = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text(encoding="utf-8"))["updates"]
    folders = {
        (update["package-ecosystem"], folder)
        for update in updates
        for folder in update.get("directories", [update.get("directory")])
    }

    assert {("uv", "/"), ("uv", "/tools/environments/*"), ("npm", "/web"), ("github-actions", "/")} <= folders
    assert list((ROOT / "tools" / "environments").glob("*/uv.lock"))


def test_commits_are_judged_by_the_tools_of_make_check() -> None:
    hooks = [
        hook
        for repo in yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
        for hook in repo["hooks"]
    ]

    assert {hook["entry"].split()[0] for hook in hooks} <= {
        ".venv/bin/ruff",
        ".venv/bin/lint-imports",
        ".venv/bin/python",
        "make",
    }
    assert "make check" in {hook["entry"] for hook in hooks}


def test_the_development_container_sets_up_what_make_needs() -> None:
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))

    assert (ROOT / ".python-version").read_text(encoding="utf-8").strip() in container["image"]
    assert "make .venv/ready" in container["postCreateCommand"]
