"""What `scripts/api_fuzz.py` has schemathesis check beside its own checks: who is answered is somebody whom the operation is for."""

import os

import schemathesis


@schemathesis.check
def for_whom_it_is(ctx, response, case):
    """The document says it of each operation (`x-for`); of those that are open to everybody, that they need no credential."""
    operation = case.operation.definition.raw
    if operation.get("security") == [] or response.status_code >= 400:
        return
    role, limited = os.environ["FUZZ_ROLE"], os.environ["FUZZ_LIMITED"]
    told = operation["x-for"]
    if role not in told["roles"]:
        raise AssertionError(f"{role or 'nobody'} is answered, and it is for {told['roles']}")
    if limited and not told["limited_to_buckets"]:
        raise AssertionError("an admin of some buckets is answered, and it is about all")
