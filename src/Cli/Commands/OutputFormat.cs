namespace DataLayer.Cli.Commands;

/// <summary>How a command shows its answer.</summary>
internal enum OutputFormat
{
    Table,
    Json,
    Csv,
    Chart,
}
