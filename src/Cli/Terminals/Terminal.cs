using System.Text;
using Spectre.Console;

namespace DataLayer.Cli.Terminals;

/// <summary>
/// Where a command reads and writes: the process's streams, or a test's. Results go to <see cref="Out"/>, all else to <see cref="Error"/>; each is plain text
/// where it is not a terminal.
/// </summary>
internal sealed class Terminal : IDisposable
{
    private readonly Func<Stream> _openInput;
    private IAnsiConsole? _styled;
    private IAnsiConsole? _styledError;

    public Terminal(TextWriter output, TextWriter error, Func<Stream> openInput, bool isOutTerminal = false, bool isErrorTerminal = false)
    {
        Out = output;
        Error = error;
        _openInput = openInput;
        IsOutTerminal = isOutTerminal;
        IsErrorTerminal = isErrorTerminal;
    }

    public TextWriter Out { get; }

    public TextWriter Error { get; }

    public bool IsOutTerminal { get; }

    public bool IsErrorTerminal { get; }

    /// <summary>Columns; what is wider is cut on a terminal, and never elsewhere.</summary>
    public int Width { get; init; } = 80;

    public int Height { get; init; } = 24;

    public bool HasColor { get; init; } = true;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public Func<string, string?> Environment { get; init; } = _ => null;

    public static Terminal OfProcess()
    {
        var output = Console.IsOutputRedirected;
        var error = Console.IsErrorRedirected;
        return new Terminal(Writer(Console.OpenStandardOutput()), Writer(Console.OpenStandardError()), Console.OpenStandardInput, !output, !error)
        {
            Width = output ? 80 : Dimension(() => Console.WindowWidth, 80),
            Height = output ? 24 : Dimension(() => Console.WindowHeight, 24),
            HasColor = string.IsNullOrEmpty(System.Environment.GetEnvironmentVariable("NO_COLOR")) && System.Environment.GetEnvironmentVariable("TERM") != "dumb",
            Environment = System.Environment.GetEnvironmentVariable,
        };
    }

    public Stream OpenInput() => _openInput();

    /// <summary>Writes a line to <see cref="Out"/>; the styles show on a terminal only.</summary>
    public void WriteLine(params ReadOnlySpan<Piece> pieces) => WriteLine(Out, IsOutTerminal, ref _styled, pieces);

    /// <summary>Writes a line to <see cref="Error"/>.</summary>
    public void WriteErrorLine(params ReadOnlySpan<Piece> pieces) => WriteLine(Error, IsErrorTerminal, ref _styledError, pieces);

    /// <summary>A console for live displays on stderr, such as a progress bar. Only where <see cref="IsErrorTerminal"/>.</summary>
    public IAnsiConsole ErrorConsole() => CreateConsole(Error, Width);

    /// <summary>A console for live displays on stdout. Only where <see cref="IsOutTerminal"/>.</summary>
    public IAnsiConsole OutConsole() => CreateConsole(Out, Width);

    public void Dispose()
    {
        Out.Flush();
        Error.Flush();
    }

    private void WriteLine(TextWriter writer, bool isTerminal, ref IAnsiConsole? styled, ReadOnlySpan<Piece> pieces)
    {
        if (!isTerminal || !HasColor)
        {
            foreach (var piece in pieces) writer.Write(piece.Text);
            writer.WriteLine();
        }
        else
        {
            // Wide enough never to wrap: lines are cut by who makes them, where they must be.
            styled ??= CreateConsole(writer, 100_000);
            foreach (var piece in pieces) styled.Write(new Text(piece.Text, piece.Style is null ? Style.Plain : Style.Parse(piece.Style)));
            writer.WriteLine();
        }

        writer.Flush();
    }

    private IAnsiConsole CreateConsole(TextWriter writer, int width)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = HasColor ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(writer),
            Interactive = InteractionSupport.Yes,
        });
        console.Profile.Width = width;
        console.Profile.Height = Height;
        console.Profile.Capabilities.Unicode = true;
        return console;
    }

    private static StreamWriter Writer(Stream stream) => new(stream, new UTF8Encoding(false), 16 * 1024) { AutoFlush = false };

    private static int Dimension(Func<int> read, int otherwise)
    {
        try
        {
            var value = read();
            return value > 0 ? value : otherwise;
        }
        catch (IOException)
        {
            return otherwise;
        }
    }
}
