"""What every deployment has in common, to AWS and to the emulator."""

import subprocess

ALIAS = "live"
# What a version has in common with the function it was published from.
PUBLISHED = [
    "CodeSha256", "Environment", "Handler", "Runtime", "Architectures", "MemorySize", "Timeout", "Role",
    "TracingConfig", "LoggingConfig",
]  # fmt: skip


def stack_of(stage):
    return f"palisade-{stage}"


def stamp(bootstraps, parameters):
    """Puts the parameters beside each bootstrap, into its bundle.

    SAM publishes a version when the bundle's address changes. Where only a parameter did, it would change the function and
    leave the alias at the version before, with the environment of before.
    """
    text = "".join(f"{name}={value}\n" for name, value in sorted(parameters.items()))
    for bootstrap in bootstraps:
        (bootstrap.parent / "parameters").write_text(text)


def sam_deploy(sam, template, parameters, *, confirm, **process):
    """`sam deploy`, with code and template in the bucket that SAM keeps for that."""
    stack = stack_of(parameters["Stage"])
    command = [
        sam.absolute(), "deploy", "--template-file", template, "--stack-name", stack, "--resolve-s3",
        "--s3-prefix", stack, "--capabilities", "CAPABILITY_IAM",
        "--confirm-changeset" if confirm else "--no-confirm-changeset",
        "--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items()),
    ]  # fmt: skip
    return subprocess.run(command, check=False, **process).returncode


def stale(functions, stage):
    """The functions whose alias is not at what was deployed last. `functions` is a client of Lambda."""
    names = [
        function["FunctionName"]
        for page in functions.get_paginator("list_functions").paginate()
        for function in page["Functions"]
        if function["FunctionName"].startswith(f"{stack_of(stage)}-")
    ]
    found = []
    for name in names:
        try:
            live = functions.get_function_configuration(FunctionName=name, Qualifier=ALIAS)
        except functions.exceptions.ResourceNotFoundException:
            continue
        newest = functions.get_function_configuration(FunctionName=name)
        if any(live.get(part) != newest.get(part) for part in PUBLISHED):
            found.append(name)
    return found
