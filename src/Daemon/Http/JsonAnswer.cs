using System.Text.Json;

namespace DataLayer.Daemon.Http;

/// <summary>JSON answers of the daemon's own: one shape for every error, <c>{"error":{"kind","message"}}</c>.</summary>
internal static class JsonAnswer
{
    public static Task ErrorAsync(HttpContext context, int status, string kind, string message, int? retryAfterSeconds = null)
    {
        if (context.Response.HasStarted)
        {
            // Half an answer cannot become an error: an aborted connection says that it is not whole.
            context.Abort();
            return Task.CompletedTask;
        }

        if (retryAfterSeconds is { } seconds) context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return WriteAsync(context, status, json =>
        {
            json.WriteStartObject("error");
            json.WriteString("kind", kind);
            json.WriteString("message", message);
            json.WriteEndObject();
        });
    }

    /// <summary>One JSON object; <paramref name="write"/> writes its members.</summary>
    public static async Task WriteAsync(HttpContext context, int status, Action<Utf8JsonWriter> write)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        write(json);
        json.WriteEndObject();
        await json.FlushAsync();
        await context.Response.BodyWriter.FlushAsync();
    }
}
