"""Push messages are encrypted as RFC 8291 says, and signed with the key that follows from the secret."""

from base64 import urlsafe_b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from marketplace.notification.channels.push import decoded, encrypt
from marketplace.notification.channels.push_keys import key_from, public_key_of

RECEIVER = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
SECRET = "BTBZMqHH6r4Tts7J_aSIgg"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
ENCRYPTED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_y"
    "l95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def test_the_example_of_the_standard_comes_out() -> None:
    """RFC 8291, section 5 and appendix A."""
    sender = ec.derive_private_key(int.from_bytes(decoded(SENDER)), ec.SECP256R1())
    message = b"When I grow up, I want to be a watermelon"
    sealed = encrypt(message, p256dh=RECEIVER, auth=SECRET, sender=sender, salt=decoded(SALT))
    assert urlsafe_b64encode(sealed).rstrip(b"=").decode() == ENCRYPTED


def test_the_same_message_never_looks_the_same() -> None:
    assert encrypt(b"x", p256dh=RECEIVER, auth=SECRET) != encrypt(b"x", p256dh=RECEIVER, auth=SECRET)


@pytest.mark.parametrize("key", ["", "AAAA", RECEIVER[:-4] + "AAAA"])
def test_keys_that_are_none_are_refused(key: str) -> None:
    with pytest.raises(ValueError, match=r"point|key|curve|EC|length|coding|empty"):
        encrypt(b"x", p256dh=key, auth=SECRET)


def test_one_secret_is_one_key_and_its_public_half_a_point_of_p256() -> None:
    public = public_key_of(key_from("secret"))
    assert public == public_key_of(key_from("secret")) != public_key_of(key_from("another"))
    assert (len(decoded(public)), decoded(public)[0]) == (65, 4)
