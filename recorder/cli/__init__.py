"""The command line: one file per command, loaded only when it is asked for.

A command lives in `recorder/cli/<name>.py` as `@click.command() def command(...)`; its line in `recorder --help` stands
in `COMMANDS`, so that help, completion and every single command start without importing the others.

Exit codes: 0 all is well; 1 something was found or failed (a record that is not there, a check that is not met);
2 usage or configuration. `recorder run` gives back its command's own exit code: 128 + n after signal n, 126 and 127
when the command could not be started or found.
"""

import importlib
from pathlib import Path

import click

from recorder import __version__
from recorder.errors import ConfigError, RecorderError

SECTIONS = {
    "Record": {
        "run": "Run a command with its model calls recorded.",
        "start": "Record in the foreground; clients point at it.",
        "status": "Say which recorders run, and whether they record.",
        "tail": "Follow interactions as they happen.",
        "doctor": "Check this installation and its connection.",
        "demo": "Record a synthetic session: no account, no network.",
        "addon": "Print the path of a mitmproxy addon.",
    },
    "Look": {
        "sessions": "List sessions.",
        "interactions": "List interactions.",
        "show": "Show an interaction as a conversation.",
        "tree": "Show a session: main thread, subagents, tools.",
        "search": "Search prompts, tools, answers and errors.",
        "diff": "Compare two requests.",
        "why-miss": "Explain why the prompt cache missed.",
        "errors": "List what failed, and how often.",
        "usage": "Sum up tokens and cost.",
        "web": "Show the record in a browser.",
        "body": "Print the stored bytes of a request or response.",
    },
    "Try again": {
        "curl": "Print a command that sends a request again.",
        "resend": "Send a request again, compare the answers.",
        "replay": "Serve a session's recorded answers to a client.",
    },
    "Control": {
        "route": "Look at the routing rules, try them, switch by hand.",
        "budget": "Show what is spent and left of each budget.",
        "keys": "Make, list and revoke keys that clients use the recorder with.",
        "key": "Show and rotate the keys.",
    },
    "Secrets": {
        "secrets": "List which secrets were seen, and where.",
        "scan": "Look for secrets in files and databases.",
        "redact": "Print a file without its secrets.",
    },
    "Prove": {
        "verify": "Verify that nothing was changed, removed or added.",
        "checkpoint": "Print what to keep elsewhere, to verify against.",
        "anchor": "Put checkpoints where nobody here can change them.",
        "gaps": "List what was not recorded, or not whole.",
        "reconcile": "Compare with what the client or the provider counted.",
        "evidence": "Make a file that an auditor verifies offline.",
    },
    "Keep and hand over": {
        "export": "Write interactions for other tools: JSON, CSV, ...",
        "import": "Make a database of a session that somebody sent.",
        "backup": "Copy the database while it is written, verified.",
        "rebuild": "Make the derived tables anew from the records.",
        "erase": "Erase content for good; records and proof stay.",
        "hold": "Keep from erasure what must be kept.",
        "retain": "Erase the content of what is old enough.",
    },
}
"""Name and help line of every command, in the sections and the order in which help shows them."""

COMMANDS = {name: text for section in SECTIONS.values() for name, text in section.items()}

_MODULES = {"import": "import_bundle"}
"""Of the commands whose name can be no module's."""

EPILOG = """\b
Exit codes: 0 all is well; 1 something was found or failed; 2 usage or configuration.
`recorder run` gives back the exit code of its command.

\b
Completion: eval "$(_RECORDER_COMPLETE=bash_source recorder)"   in ~/.bashrc
            eval "$(_RECORDER_COMPLETE=zsh_source recorder)"    in ~/.zshrc
            _RECORDER_COMPLETE=fish_source recorder | source    in config.fish
"""


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is used, and prints our errors without a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 — click's signature
        """Name the commands in the order of `COMMANDS`."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 — click's signature
        """Import one command, or give None when there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module = _MODULES.get(cmd_name, cmd_name.replace("-", "_"))
        command: click.Command = importlib.import_module(f"recorder.cli.{module}").command
        command.name = cmd_name
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 — click's signature
        """Write the list of commands from the table alone."""
        width = max(map(len, COMMANDS))
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), text) for name, text in commands.items()])

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; an error that a user can mend becomes one line and an exit code."""
        try:
            return super().invoke(ctx)
        except RecorderError as error:
            click.echo(f"recorder: {error}", err=True)
            ctx.exit(2 if isinstance(error, ConfigError) else 1)


@click.group(cls=LazyGroup, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "--version", prog_name="recorder", message="%(prog)s %(version)s")
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Configuration file. [default: RECORDER_CONFIG, ./recorder.toml, the platform's configuration folder]",
)
@click.pass_context
def main(ctx: click.Context, config: Path | None) -> None:
    """Record what an AI coding agent said and was told."""
    ctx.obj = config
