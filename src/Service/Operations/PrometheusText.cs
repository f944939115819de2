using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using GdmOptEtq.Cluster;

namespace GdmOptEtq.Service.Operations;

/// <summary>
/// The counters and histograms of the cluster as Prometheus' text format (version 0.0.4). Listens to the meter by itself, because the exporters that
/// would do it are not to be had; what is asked of a store or a broker is added by the caller as gauges.
/// </summary>
public sealed class PrometheusText : IDisposable
{
    private static readonly double[] s_bounds = [0.1, 0.3, 1, 3, 10, 30, 100, 300];

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<(string Name, string Label), long> _counters = new();
    private readonly ConcurrentDictionary<(string Name, string Label), Buckets> _histograms = new();

    public PrometheusText()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == ClusterMetrics.MeterName)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => _counters.AddOrUpdate((instrument.Name, Label(tags)), value, (_, old) => old + value));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => _histograms.GetOrAdd((instrument.Name, Label(tags)), _ => new Buckets()).Add(value));
        _listener.Start();
    }

    /// <param name="gauges">Name, label ("" for none) and value of what is measured at this moment.</param>
    public string Write(IEnumerable<(string Name, string Label, double Value)> gauges)
    {
        var text = new StringBuilder();
        foreach (var group in gauges.GroupBy(gauge => gauge.Name))
        {
            text.Append(CultureInfo.InvariantCulture, $"# TYPE {group.Key} gauge\n");
            foreach (var (name, label, value) in group)
                text.Append(CultureInfo.InvariantCulture, $"{name}{Braces(label)} {value}\n");
        }

        foreach (var group in _counters.OrderBy(counter => counter.Key).GroupBy(counter => counter.Key.Name))
        {
            text.Append(CultureInfo.InvariantCulture, $"# TYPE {group.Key} counter\n");
            foreach (var ((name, label), value) in group)
                text.Append(CultureInfo.InvariantCulture, $"{name}{Braces(label)} {value}\n");
        }

        foreach (var group in _histograms.OrderBy(histogram => histogram.Key).GroupBy(histogram => histogram.Key.Name))
        {
            text.Append(CultureInfo.InvariantCulture, $"# TYPE {group.Key} histogram\n");
            foreach (var ((name, label), buckets) in group)
                buckets.Write(text, name, label);
        }

        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private static string Label(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var parts = new List<string>();
        foreach (var (key, value) in tags)
            parts.Add($"{key}=\"{value?.ToString()?.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
        return string.Join(',', parts);
    }

    private static string Braces(string label) => label.Length > 0 ? "{" + label + "}" : "";

    private sealed class Buckets
    {
        private readonly long[] _counts = new long[s_bounds.Length + 1];
        private readonly Lock _gate = new();
        private double _sum;

        public void Add(double value)
        {
            int bucket = Array.FindIndex(s_bounds, bound => value <= bound);
            lock (_gate)
            {
                _counts[bucket < 0 ? s_bounds.Length : bucket]++;
                _sum += value;
            }
        }

        public void Write(StringBuilder text, string name, string label)
        {
            string more = label.Length > 0 ? label + "," : "";
            lock (_gate)
            {
                long below = 0;
                for (int i = 0; i <= s_bounds.Length; i++)
                {
                    below += _counts[i];
                    string bound = i < s_bounds.Length ? s_bounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf";
                    text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{more}le=\"{bound}\"}} {below}\n");
                }

                text.Append(CultureInfo.InvariantCulture, $"{name}_sum{Braces(label)} {_sum}\n{name}_count{Braces(label)} {below}\n");
            }
        }
    }
}
