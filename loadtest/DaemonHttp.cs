using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace DataLayer.LoadTest;

/// <summary>The daemon's HTTP interface, as far as checks need it.</summary>
internal sealed class DaemonHttp(IPEndPoint address) : IDisposable
{
    private readonly HttpClient _client = new() { BaseAddress = new Uri($"http://{address}/"), Timeout = TimeSpan.FromMinutes(2) };

    public DaemonStatus Status() => DaemonStatus.Parse(Get("api/v1/status"));

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
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/sql") { Content = new StringContent(sql, Encoding.UTF8, "text/plain") };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        using var document = JsonDocument.Parse(Send(request));
        return [.. document.RootElement.GetProperty("rows").EnumerateArray().Select(row => row.EnumerateArray().Select(Number).ToArray())];
    }

    public void Dispose() => _client.Dispose();

    private static double Number(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.String => double.Parse(value.GetString()!, System.Globalization.CultureInfo.InvariantCulture),
        _ => 0,
    };

    private string Get(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        return Send(request);
    }

    private string Send(HttpRequestMessage request)
    {
        using var answer = _client.Send(request);
        using var reader = new StreamReader(answer.Content.ReadAsStream());
        var text = reader.ReadToEnd();
        return answer.IsSuccessStatusCode ? text : throw new HttpRequestException($"{request.RequestUri}: {(int)answer.StatusCode} {text}");
    }
}
