using System.Data.Common;

namespace GdmOptEtq.Cluster.Jobs;

/// <summary>
/// Statements of one transaction that go to the engine together: in one round trip where it can, else one after the other with one command for each text.
/// A round trip costs a database far more than a statement of ours does.
/// </summary>
internal sealed class StatementBatch(StoreTransaction write)
{
    private readonly List<(string Text, (string Name, object? Value)[] Values)> _statements = [];

    public void Add(string text, params (string Name, object? Value)[] values) => _statements.Add((text, values));

    /// <summary>Runs the statements in their order and forgets them.</summary>
    /// <returns>Rows that each has changed.</returns>
    public async Task<int[]> RunAsync(CancellationToken cancellation)
    {
        if (_statements.Count == 0)
            return [];
        int[] changed = write.Connection.CanCreateBatch ? await TogetherAsync(cancellation) : await OneByOneAsync(cancellation);
        _statements.Clear();
        return changed;
    }

    private async Task<int[]> TogetherAsync(CancellationToken cancellation)
    {
        await using var batch = write.Connection.CreateBatch();
        batch.Transaction = write.Inner;
        foreach (var (text, values) in _statements)
        {
            var command = batch.CreateBatchCommand();
            command.CommandText = text;
            foreach (var (name, value) in values)
                SqlJobStore.Bind(command.CreateParameter, command.Parameters, name, value);
            batch.BatchCommands.Add(command);
        }

        await batch.ExecuteNonQueryAsync(cancellation);
        return [.. batch.BatchCommands.Select(command => command.RecordsAffected)];
    }

    private async Task<int[]> OneByOneAsync(CancellationToken cancellation)
    {
        var commands = new Dictionary<string, DbCommand>();
        try
        {
            int[] changed = new int[_statements.Count];
            for (int i = 0; i < changed.Length; i++)
            {
                var (text, values) = _statements[i];
                if (!commands.TryGetValue(text, out var command))
                {
                    commands[text] = command = SqlJobStore.Sql(write, text, values);
                }
                else
                {
                    foreach (var (name, value) in values)
                        command.Parameters[name].Value = value ?? DBNull.Value;
                }

                changed[i] = await command.ExecuteNonQueryAsync(cancellation);
            }

            return changed;
        }
        finally
        {
            foreach (var command in commands.Values)
                await command.DisposeAsync();
        }
    }
}
