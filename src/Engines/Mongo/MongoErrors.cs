using MongoDB.Bson;
using MongoDB.Driver;

namespace DataLayer.Engines.Mongo;

/// <summary>Faults of the driver in the terms of the feeder: tried again for ever, or the samples' own fault. No text of the driver's is handed on where it could hold a secret.</summary>
internal sealed class MongoErrors(string where, string? password)
{
    private const int DuplicateKey = 11000;

    // BadValue, FailedToParse, TypeMismatch, InvalidLength, InvalidBSON, DollarPrefixedFieldName, InvalidIdField, EmptyFieldName, DottedFieldName, DocumentValidationFailure,
    // BSONObjectTooLarge, KeyTooLong (src/mongo/base/error_codes.yml of MongoDB).
    private static readonly HashSet<int> OfContent = [2, 9, 14, 16, 22, 52, 53, 56, 57, 121, 10334, 17280];

    /// <summary>Runs a call and makes of its fault an <see cref="EngineException"/>.</summary>
    public async Task<T> RunAsync<T>(string what, Func<Task<T>> call)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (Exception fault) when (IsKnown(fault))
        {
            throw Of(what, fault);
        }
    }

    public T Run<T>(string what, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception fault) when (IsKnown(fault))
        {
            throw Of(what, fault);
        }
    }

    public static bool IsDuplicateKeys(MongoBulkWriteException fault) => fault.WriteConcernError is null && fault.WriteErrors.All(error => error.Code == DuplicateKey);

    public static bool IsDuplicateKey(MongoException fault) => fault is MongoDuplicateKeyException or MongoCommandException { Code: DuplicateKey }
        || fault is MongoWriteException { WriteError.Category: ServerErrorCategory.DuplicateKey };

    private static bool IsKnown(Exception fault) => fault is MongoException or TimeoutException or FormatException or BsonException or IOException or System.Net.Sockets.SocketException;

    private EngineException Of(string what, Exception fault)
    {
        var reason = ReasonOf(fault);
        if (password is { Length: > 0 }) reason = reason.Replace(password, "***", StringComparison.Ordinal);
        return IsOfContent(fault)
            ? new RefusedSamplesException($"{where} refuses documents ({what}): {reason}", null)
            : new EngineException($"{where} failed to {what}: {reason}", isTransient: true);
    }

    private static bool IsOfContent(Exception fault) => fault switch
    {
        MongoBulkWriteException bulk => bulk.WriteErrors.Any(error => OfContent.Contains(error.Code)) && bulk.WriteErrors.All(error => error.Code == DuplicateKey || OfContent.Contains(error.Code)),
        MongoWriteException { WriteError: { } error } => OfContent.Contains(error.Code),
        MongoCommandException command => OfContent.Contains(command.Code),
        FormatException or BsonException => true,
        _ => false,
    };

    private static string ReasonOf(Exception fault) => fault switch
    {
        MongoAuthenticationException or MongoCommandException { Code: 18 } => "the server does not accept the user or the password; check the credentials",
        MongoCommandException { Code: 13 } => "the user lacks a right; docs/engines/mongo.md says which it needs",
        MongoBulkWriteException { WriteErrors.Count: > 0 } bulk => Describe(bulk),
        MongoBulkWriteException { WriteConcernError: { } concern } => $"the write concern was not met (code {concern.Code}): {Short(concern.Message)}",
        MongoCommandException command => $"code {command.Code}: {Short(command.ErrorMessage)}",
        TimeoutException => "no answer in time; is it running and reachable?",
        MongoConnectionException { InnerException: { } inner } => $"the connection failed: {Short(inner is MongoConnectionException ? "it was closed" : inner.GetBaseException().Message)}",
        _ => Short(fault.Message),
    };

    private static string Describe(MongoBulkWriteException bulk)
    {
        var errors = bulk.WriteErrors.Where(error => error.Code != DuplicateKey).DefaultIfEmpty(bulk.WriteErrors[0]).ToList();
        return $"{errors.Count} documents, the first with code {errors[0].Code}: {Short(errors[0].Message)}";
    }

    private static string Short(string? text) => text is null ? "" : text.Length <= 300 ? text : text[..300] + "…";
}
