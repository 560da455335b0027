"""Passkeys by the library `webauthn`: what browsers are asked, and their answers.

A passkey stands alone, so the authenticator has to make sure of the person (PIN, finger
or face). It must be one that is found without a name. Attestation is not asked for: any
make of authenticator is good enough.
"""

import hashlib
import json

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from gateway.core.canonical import JsonObject
from gateway.core.credentials import Passkey
from gateway.core.errors import NotAuthenticatedError
from gateway.core.operators import Operator
from gateway.ports.sign_in import NewKey, Site

_TIMEOUT_MS = 300_000
_ODD = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError)


class WebauthnPasskeys:
    """Implements `Passkeys`."""

    def ask_new(self, site: Site, operator: Operator, challenge: bytes) -> JsonObject:
        """Return what a browser is asked to make a passkey for an account."""
        options = generate_registration_options(
            rp_id=site.host,
            rp_name=site.name,
            user_name=operator.name,
            # No name of a person: authenticators show it to who finds them.
            user_id=hashlib.sha256(f"{site.name}\0{operator.name}".encode()).digest(),
            user_display_name=operator.display_name or operator.name,
            challenge=challenge,
            timeout=_TIMEOUT_MS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[
                PublicKeyCredentialDescriptor(id=one.credential)
                for one in operator.passkeys
            ],
        )
        return _json(options_to_json(options))

    def ask(self, site: Site, challenge: bytes) -> JsonObject:
        """Return what a browser is asked to sign with any passkey of the site."""
        options = generate_authentication_options(
            rp_id=site.host,
            challenge=challenge,
            timeout=_TIMEOUT_MS,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return _json(options_to_json(options))

    def challenge_of(self, answer: JsonObject) -> bytes:
        """Return the challenge that an answer says it is for.

        Raises:
            NotAuthenticatedError: Not an answer of a browser.
        """
        try:
            response = answer["response"]
            if not isinstance(response, dict):
                raise _refused("not an answer of a browser")
            told = base64url_to_bytes(str(response["clientDataJSON"]))
            return bytes(parse_client_data_json(told).challenge)
        except _ODD as error:
            raise _refused("not an answer of a browser") from error

    def credential_of(self, answer: JsonObject) -> bytes:
        """Return the id of the passkey that an answer is signed with.

        Raises:
            NotAuthenticatedError: Not an answer of a browser.
        """
        try:
            return base64url_to_bytes(str(answer["rawId"]))
        except _ODD as error:
            raise _refused("not an answer of a browser") from error

    def take_new(self, site: Site, answer: JsonObject, challenge: bytes) -> NewKey:
        """Return the key that a browser made for this challenge.

        Raises:
            NotAuthenticatedError: The answer does not verify.
        """
        try:
            verified = verify_registration_response(
                credential=json.dumps(answer),
                expected_challenge=challenge,
                expected_rp_id=site.host,
                expected_origin=site.url,
                require_user_verification=True,
            )
        except _ODD as error:
            raise _refused("it does not verify") from error
        return NewKey(verified.credential_id, verified.credential_public_key)

    def take(
        self, site: Site, answer: JsonObject, challenge: bytes, passkey: Passkey
    ) -> int:
        """Return the counter of a passkey that has signed this challenge.

        Raises:
            NotAuthenticatedError: The answer does not verify.
        """
        try:
            verified = verify_authentication_response(
                credential=json.dumps(answer),
                expected_challenge=challenge,
                expected_rp_id=site.host,
                expected_origin=site.url,
                credential_public_key=passkey.public_key,
                # Compared where it is stored, in the transaction of the sign-in.
                credential_current_sign_count=0,
                require_user_verification=True,
            )
        except _ODD as error:
            raise _refused("it does not verify") from error
        return int(verified.new_sign_count)


def _json(text: str) -> JsonObject:
    value: JsonObject = json.loads(text)
    return value


def _refused(why: str) -> NotAuthenticatedError:
    return NotAuthenticatedError(f"passkey: {why}")
