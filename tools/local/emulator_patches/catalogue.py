"""Every patch of the emulator by its name, with the test that fails without it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, final

from tools.local.emulator_patches import gateway, logs, long_partitions, rights, sign_ins, streams, workers


@final
@dataclass(frozen=True, slots=True)
class Patch:
    """One difference between MiniStack and AWS that is made good: ``needed_by`` is the test that fails without it."""

    apply: Callable[..., None]
    needed_by: str

    @property
    def name(self) -> str:
        """The name by which the patch can be left out."""
        return self.apply.__name__


SHARE_LAYERS: Final = Patch(
    workers.share_layers, "tests/local/test_workers.py::test_workers_of_one_layer_share_one_folder_of_it"
)
NOTE_RIGHTS: Final = Patch(
    rights.note_rights, "tests/faults/test_least_privilege.py::test_every_right_of_a_role_is_used_or_has_its_reason"
)
PATCHES: Final = (
    Patch(gateway.import_gateway_responses, "tests/local/test_doors.py::test_a_missing_token_is_asked_for"),
    Patch(
        gateway.know_binary_types,
        "tests/local/test_papers_and_proofs.py::test_a_receipt_is_issued_once_and_the_same_for_both",
    ),
    Patch(gateway.see_the_real_address, "tests/local/test_sessions.py::test_a_network_is_known_by_its_real_address"),
    Patch(gateway.hide_crashes, "tests/local/test_admin_errors.py::test_time_outs_and_crashes_are_recorded"),
    Patch(
        gateway.hide_crashes_from_sockets, "tests/local/test_admin_errors.py::test_time_outs_and_crashes_are_recorded"
    ),
    Patch(workers.queue_for_workers, "tests/local/test_workers.py::test_a_burst_starts_four_workers_at_most"),
    SHARE_LAYERS,
    Patch(
        streams.keep_streams,
        "tests/local/test_starting_and_stopping.py::test_a_stopped_system_comes_back_with_everything",
    ),
    Patch(
        long_partitions.read_long_partitions_in_order,
        "tests/local/test_long_partitions.py::test_pages_of_a_long_partition_are_exact_while_it_changes",
    ),
    Patch(workers.answer_before_the_logs, "tests/local/test_workers.py::test_a_silent_function_answers_at_once"),
    Patch(
        workers.let_a_failed_start_fail_alone,
        "tests/local/test_workers.py::test_a_worker_that_dies_at_its_start_costs_nobody_elses_invocation",
    ),
    Patch(logs.match_any_term, "tests/local/test_admin_errors.py::test_time_outs_and_crashes_are_recorded"),
    Patch(
        streams.bring_failed_changes_again,
        "tests/local/test_when_something_fails.py"
        "::test_x16_a_poisoned_change_is_put_aside_delays_nobody_and_stays_until_it_is_mended",
    ),
    Patch(
        streams.read_streams_side_by_side,
        "tests/local/test_streams_of_tables.py::test_a_slow_reader_of_a_stream_delays_no_other",
    ),
    Patch(
        logs.name_functions_in_shared_logs,
        "tests/local/test_admin_errors.py::test_an_error_in_a_function_is_recorded_by_itself",
    ),
    Patch(
        sign_ins.resend_a_new_password,
        "tests/local/test_catalogue.py::test_an_invitation_that_is_sent_again_has_a_new_password",
    ),
    Patch(logs.read_function_logs, "tests/local/test_admin_errors.py::test_ten_errors_in_a_minute_ring_the_alarm"),
)
"""In the order in which they are applied: of two that wrap the same function the later one is the outer."""


def apply_patches(*, scratch: Path, rights_log: str | None, without: frozenset[str]) -> None:
    """Apply every patch but those named in ``without``.

    Args:
        scratch: a folder of things that nobody needs after the emulator has stopped.
        rights_log: the file to write the rights that were used to; None writes none.
        without: names of patches to leave out, to see which test needs them.

    Raises:
        ValueError: ``without`` names what is no patch.
    """
    if unknown := without - {patch.name for patch in (*PATCHES, NOTE_RIGHTS)}:
        message = f"no such patch: {', '.join(sorted(unknown))}"
        raise ValueError(message)
    for patch in PATCHES:
        apply = partial(patch.apply, scratch) if patch is SHARE_LAYERS else patch.apply
        if patch.name not in without:
            apply()
    if rights_log is not None and NOTE_RIGHTS.name not in without:
        NOTE_RIGHTS.apply(Path(rights_log))
