using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace DataLayer.Client.Http;

/// <summary>The daemon's HTTP interface: paths in, typed answers or streams out, failures as <see cref="DataLayerException"/>. Any thread.</summary>
public sealed class HttpApi : IDisposable
{
    // An error's text beyond this is not from our daemon.
    private const int MaxErrorChars = 2000;

    private readonly HttpClient _http;
    private readonly TimeSpan _timeout;

    public HttpApi(DataLayerClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        BaseAddress = Endpoint.ParseHttp(options.Http, nameof(options.Http));
        _timeout = options.RequestTimeout;
        var handler = new SocketsHttpHandler { ConnectTimeout = options.ConnectTimeout, UseProxy = false, AllowAutoRedirect = false };
        // Times out per request below: an endless answer such as tail's has no end to wait for.
        _http = new HttpClient(handler) { BaseAddress = BaseAddress, Timeout = Timeout.InfiniteTimeSpan };
        if (options.Token is not null) _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.Token);
    }

    public Uri BaseAddress { get; }

    public async Task<QueryResult> SamplesAsync(SamplesRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var json = await GetJsonAsync("api/v1/samples" + request.ToQueryString(), cancellation).ConfigureAwait(false);
        return AnswerReader.ReadSamples(json.RootElement);
    }

    /// <summary>The last sample of each series that matches.</summary>
    public async Task<QueryResult> LatestAsync(SamplesRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var json = await GetJsonAsync("api/v1/latest" + request.ToQueryString(), cancellation).ConfigureAwait(false);
        return AnswerReader.ReadSamples(json.RootElement);
    }

    public async Task<QueryResult> SeriesAsync(SamplesRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var json = await GetJsonAsync("api/v1/series" + request.ToQueryString(), cancellation).ConfigureAwait(false);
        return AnswerReader.ReadSamples(json.RootElement);
    }

    /// <summary>A JSON document from any path. The caller disposes it.</summary>
    public Task<JsonDocument> GetJsonAsync(string path, CancellationToken cancellation = default) => JsonAsync(HttpMethod.Get, path, cancellation);

    /// <summary>An order without a body, and the daemon's answer.</summary>
    public Task<JsonDocument> PostAsync(string path, CancellationToken cancellation = default) => JsonAsync(HttpMethod.Post, path, cancellation);

    /// <summary>Runs a statement and copies the answer, in the media type asked for, to <paramref name="output"/>.</summary>
    public async Task SqlAsync(string sql, string accept, Stream output, CancellationToken cancellation = default)
    {
        using var timeout = Deadline(cancellation, out var token);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/sql") { Content = new StringContent(sql, Encoding.UTF8, "application/sql") };
            request.Headers.Accept.ParseAdd(accept);
            using var response = await SendAsync(request, token).ConfigureAwait(false);
            await response.Content.CopyToAsync(output, token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            throw Translate(e, cancellation);
        }
    }

    /// <summary>The lines of an answer that may have no end; each as it comes.</summary>
    public async IAsyncEnumerable<string> LinesAsync(string path, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var response = await OpenAsync(path, cancellation).ConfigureAwait(false);
        var body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        using var reader = new StreamReader(body, Encoding.UTF8);
        while (true)
        {
            string? line;
            try
            {
                line = await reader.ReadLineAsync(cancellation).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                throw Translate(e, cancellation);
            }

            if (line is null) yield break;
            if (line.Length > 0) yield return line;
        }
    }

    /// <summary>Whether the daemon is up and ready; false, with the reason, where it is not. Throws only when cancelled.</summary>
    public async Task<HealthReport> HealthAsync(CancellationToken cancellation = default)
    {
        using var timeout = Deadline(cancellation, out var token);
        try
        {
            using var response = await _http.GetAsync(new Uri("ready", UriKind.Relative), token).ConfigureAwait(false);
            var text = (await response.Content.ReadAsStringAsync(token).ConfigureAwait(false)).Trim();
            return new HealthReport(true, response.IsSuccessStatusCode, text);
        }
        catch (Exception e)
        {
            if (Translate(e, cancellation) is not DataLayerException failure) throw;
            return new HealthReport(false, false, failure.Message);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonDocument> JsonAsync(HttpMethod method, string path, CancellationToken cancellation)
    {
        using var timeout = Deadline(cancellation, out var token);
        try
        {
            using var response = await SendAsync(new HttpRequestMessage(method, path), token).ConfigureAwait(false);
            var body = await response.Content.ReadAsStreamAsync(token).ConfigureAwait(false);
            await using (body.ConfigureAwait(false)) return await JsonDocument.ParseAsync(body, cancellationToken: token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            throw Translate(e, cancellation);
        }
    }

    private async Task<HttpResponseMessage> OpenAsync(string path, CancellationToken cancellation)
    {
        try
        {
            return await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), cancellation).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            throw Translate(e, cancellation);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        using (request)
        {
            var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            if (response.IsSuccessStatusCode) return response;
            using (response)
            {
                var text = ErrorText(await response.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false));
                var status = (int)response.StatusCode;
                if (text.Length == 0) text = $"the daemon at {BaseAddress.Authority} answered {status} to {request.RequestUri}";
                var kind = status switch
                {
                    401 or 403 => FailureKind.Refused,
                    429 or 503 => FailureKind.Unavailable,
                    >= 400 and < 500 => FailureKind.BadRequest,
                    _ => FailureKind.ServerFault,
                };
                throw new DataLayerException(kind, text);
            }
        }
    }

    /// <summary>The text of <c>{"error": {"kind", "message"}}</c>, or the body as it is.</summary>
    private static string ErrorText(string body)
    {
        var text = body.Trim();
        try
        {
            using var json = JsonDocument.Parse(text);
            var error = json.RootElement.GetProperty("error");
            return error.GetProperty("message").GetString() ?? "";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            // Not from a route of the daemon's: shown as it is.
            return text.Length <= MaxErrorChars ? text : text[..MaxErrorChars] + "…";
        }
    }

    private Exception Translate(Exception e, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested || e is DataLayerException) return e;
        return e switch
        {
            OperationCanceledException => new DataLayerException(
                FailureKind.Unreachable, $"the daemon at {BaseAddress.Authority} did not answer within {_timeout.TotalSeconds:0.###} s", e),
            HttpRequestException { InnerException: SocketException socket } => new DataLayerException(
                FailureKind.Unreachable, $"cannot reach the daemon at {BaseAddress.Authority}: {Reasons.Of(socket)}", e),
            HttpRequestException or IOException => new DataLayerException(
                FailureKind.Unreachable, $"the connection to the daemon at {BaseAddress.Authority} broke: {e.Message}", e),
            JsonException or InvalidOperationException or FormatException or KeyNotFoundException => new DataLayerException(
                FailureKind.BadAnswer, $"the answer from {BaseAddress.Authority} is none of DataLayer's: {e.Message}", e),
            _ => e,
        };
    }

    private CancellationTokenSource Deadline(CancellationToken cancellation, out CancellationToken token)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        source.CancelAfter(_timeout);
        token = source.Token;
        return source;
    }
}
