using System.CommandLine;
using System.CommandLine.Parsing;

namespace DataLayer.Cli.Commands;

/// <summary><c>--label key=value</c>, as often as wanted.</summary>
internal static class LabelOption
{
    public static Option<List<KeyValuePair<string, string>>> Create(string description) => new("--label", "-l")
    {
        Description = description,
        HelpName = "key=value",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = Parse,
        DefaultValueFactory = _ => [],
    };

    private static List<KeyValuePair<string, string>> Parse(ArgumentResult result)
    {
        var labels = new List<KeyValuePair<string, string>>();
        foreach (var token in result.Tokens)
        {
            var equals = token.Value.IndexOf('=');
            if (equals <= 0)
            {
                result.AddError($"--label: '{token.Value}' is not key=value");
                return labels;
            }

            labels.Add(new(token.Value[..equals], token.Value[(equals + 1)..]));
        }

        return labels;
    }
}
