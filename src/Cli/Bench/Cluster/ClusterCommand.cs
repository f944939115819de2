using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using GdmOptEtq.Cli.Terminal;
using GdmOptEtq.Cluster.Bus;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Cli.Bench.Cluster;

/// <summary><c>gdm bench cluster</c>: what coordinator, bus and store cost per tile, and whether memory grows with finished jobs.</summary>
internal static class ClusterCommand
{
    public static Command Create()
    {
        var jobs = SharedOptions.Number("--jobs", "Jobs, one after the other", 5, 1, 10000);
        var tiles = SharedOptions.Number("--tiles", "Tiles of each job", 1000, 1, 100000);
        var slots = SharedOptions.Number("--slots", "Tiles that the worker does at once", 2, 1, 256);
        var bus = new Option<string?>("--bus") { Description = "Broker, amqp://user:password@host:5672/ [empty: channels inside this process]. Nothing else may use it meanwhile.", HelpName = "URI" };
        var store = new Option<string?>("--store") { Description = "Job store, PostgreSQL connection string [empty: SQLite in a temporary folder].", HelpName = "TEXT" };
        var json = SharedOptions.Json();
        var command = new Command("cluster", "CPU time of coordinator, bus and store per tile: jobs of empty tiles through the real ones.") { jobs, tiles, slots, bus, store, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            string folder = Directory.CreateTempSubdirectory("gdm-bench-").FullName;
            try
            {
                await using IJobStore truth = parsed.GetValue(store) is { Length: > 0 } connection
                    ? new PostgresJobStore(connection, TimeProvider.System) : new SqliteJobStore(Path.Combine(folder, "jobs.db"), TimeProvider.System);
                await using IBus carrier = parsed.GetValue(bus) is { Length: > 0 } address ? new RabbitMqBus(AddressOf(address), "bench") : new InProcessBus();
                var rows = await ClusterOverhead.MeasureAsync(truth, carrier, parsed.GetValue(jobs), parsed.GetValue(tiles), parsed.GetValue(slots), cancellation);
                if (parsed.GetValue(json))
                    Console.Out.WriteLine(JsonSerializer.Serialize(rows, JsonText.Readable));
                else
                    WriteTable(rows);
                return ExitCode.Ok;
            }
            catch (Exception error) when (error is JobStoreException or BusException)
            {
                throw new InputException(error.Message, error);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        });
        return command;
    }

    private static Uri AddressOf(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "amqp" or "amqps"
        ? uri
        : throw new UsageException($"The option --bus is '{text}': give an address like amqp://user:password@host:5672/.");

    private static void WriteTable(IReadOnlyList<OverheadRow> rows)
    {
        var table = new TextTable("job", "CPU ms/tile", "wall ms/tile", "heap MiB");
        foreach (var row in rows)
        {
            table.Add(
                row.Job.ToString(CultureInfo.InvariantCulture), row.CpuMillisecondsPerTile.ToString("0.00", CultureInfo.InvariantCulture),
                row.WallMillisecondsPerTile.ToString("0.00", CultureInfo.InvariantCulture), row.HeapMebibytes.ToString("0.0", CultureInfo.InvariantCulture));
        }

        table.Write(Console.Out);
    }
}
