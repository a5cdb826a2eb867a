"""Room: gradsheet. One module a command, each with a `command`; `gradsheet.cli` lists them and loads one when asked."""
