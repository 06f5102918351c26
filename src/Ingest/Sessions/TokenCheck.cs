namespace DataLayer.Ingest.Sessions;

/// <summary>Whether an agent (empty: none was named) may send with this token (empty: none was given). Called once per hello.</summary>
public delegate bool TokenCheck(string agent, string token);
