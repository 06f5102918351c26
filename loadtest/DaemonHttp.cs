using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using DataLayer.LoadTest.Queries;

namespace DataLayer.LoadTest;

/// <summary>The daemon's HTTP interface, as far as checks need it.</summary>
internal sealed class DaemonHttp(IPEndPoint address) : IDisposable
{
    private readonly HttpClient _client = new() { BaseAddress = new Uri($"http://{address}/"), Timeout = TimeSpan.FromMinutes(2) };

    public DaemonStatus Status() => DaemonStatus.Parse(Encoding.UTF8.GetString(Get("api/v1/status")));

    /// <summary>The status once nothing is under way any more, or after some time as it is then.</summary>
    public DaemonStatus StatusWhenIdle(TimeSpan patience)
    {
        var deadline = DateTime.UtcNow + patience;
        while (true)
        {
            var status = Status();
            if ((status.IsIdle && status.Adds) || DateTime.UtcNow > deadline) return status;
            Thread.Sleep(50);
        }
    }

    public bool IsReady()
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "ready");
            using var answer = _client.Send(request);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>The first row of an SQL query, as numbers; null is 0.</summary>
    public double[] SqlRow(string sql)
    {
        var rows = SqlRows(sql);
        return rows.Count > 0 ? rows[0] : [];
    }

    public List<double[]> SqlRows(string sql)
    {
        using var document = JsonDocument.Parse(Ask(new QueryRequest("api/v1/sql", sql)));
        return [.. document.RootElement.GetProperty("rows").EnumerateArray().Select(row => row.EnumerateArray().Select(Number).ToArray())];
    }

    /// <summary>The answer to a question, JSON.</summary>
    public byte[] Ask(QueryRequest question)
    {
        using var request = new HttpRequestMessage(question.Sql is null ? HttpMethod.Get : HttpMethod.Post, question.Path);
        if (question.Sql is { } sql) request.Content = new StringContent(sql, Encoding.UTF8, "text/plain");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        return Send(request);
    }

    public void Dispose() => _client.Dispose();

    private static double Number(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.String => double.Parse(value.GetString()!, System.Globalization.CultureInfo.InvariantCulture),
        _ => 0,
    };

    private byte[] Get(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        return Send(request);
    }

    private byte[] Send(HttpRequestMessage request)
    {
        using var answer = _client.Send(request);
        var bytes = answer.Content.ReadAsByteArrayAsync().GetAwaiter().GetResult();
        return answer.IsSuccessStatusCode ? bytes : throw new HttpRequestException($"{request.RequestUri}: {(int)answer.StatusCode} {Encoding.UTF8.GetString(bytes)}");
    }
}
