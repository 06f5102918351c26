using DataLayer.Cli;
using DataLayer.Cli.Terminals;

using var terminal = Terminal.OfProcess();
return await CliProgram.RunAsync(args, terminal);
