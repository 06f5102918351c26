using DataLayer.Cli.Render;
using DataLayer.Cli.Terminals;
using Spectre.Console;

namespace DataLayer.Cli.Sending;

/// <summary>A progress bar on stderr while a file is sent: what is read of it, and how many samples are acked.</summary>
internal static class SendProgress
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    public static Task RunAsync(Terminal terminal, Feeder feeder, long totalBytes, Func<long> position, CancellationToken cancellation) =>
        terminal.ErrorConsole().Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var task = context.AddTask("sending", maxValue: Math.Max(totalBytes, 1));
                var feeding = Task.Run(() => feeder.RunAsync(cancellation), cancellation);
                while (await Task.WhenAny(feeding, Task.Delay(Interval, terminal.Time, cancellation)) != feeding)
                {
                    task.Value = position();
                    task.Description = $"{Numbers.Count(feeder.Acked)} acked";
                }

                task.Value = totalBytes;
                await feeding;
            });
}
