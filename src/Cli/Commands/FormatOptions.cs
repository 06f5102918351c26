using System.CommandLine;

namespace DataLayer.Cli.Commands;

/// <summary><c>--json</c>, <c>--csv</c> and <c>--chart</c>: at most one of them.</summary>
internal sealed class FormatOptions(bool hasChart = false, bool hasCsv = true)
{
    private readonly Option<bool> _json = new("--json") { Description = "As JSON" };
    private readonly Option<bool> _csv = new("--csv") { Description = "As CSV" };
    private readonly Option<bool> _chart = new("--chart") { Description = "As a chart in the terminal" };

    public void AddTo(Command command)
    {
        command.Add(_json);
        if (hasCsv) command.Add(_csv);
        if (hasChart) command.Add(_chart);
        command.Validators.Add(result =>
        {
            var given = (result.GetValue(_json) ? 1 : 0) + (hasCsv && result.GetValue(_csv) ? 1 : 0) + (hasChart && result.GetValue(_chart) ? 1 : 0);
            if (given > 1) result.AddError("--json, --csv and --chart exclude each other");
        });
    }

    public OutputFormat Of(ParseResult result)
    {
        if (result.GetValue(_json)) return OutputFormat.Json;
        if (hasCsv && result.GetValue(_csv)) return OutputFormat.Csv;
        return hasChart && result.GetValue(_chart) ? OutputFormat.Chart : OutputFormat.Table;
    }
}
