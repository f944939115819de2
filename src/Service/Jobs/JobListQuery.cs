using System.Globalization;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Service.Access;
using GdmOptEtq.Service.Http;
using Microsoft.AspNetCore.Http;

namespace GdmOptEtq.Service.Jobs;

/// <summary>The filters and the page of a list, read from the query string; every fault at once.</summary>
internal sealed record JobListQuery(int Limit, int Offset, IReadOnlyList<JobQuery> Queries)
{
    public const int DefaultLimit = 10, MaximumLimit = 10000;

    private static readonly string[] s_names = ["type", "processID", "status", "datetime", "minDuration", "maxDuration", "limit", "offset"];

    /// <exception cref="ProblemException">400 with one entry for each parameter at fault.</exception>
    public static JobListQuery Read(HttpContext http)
    {
        var query = http.Request.Query;
        var faults = new List<InputFault>();
        foreach (string name in query.Keys.Where(name => !s_names.Contains(name)))
            faults.Add(new InputFault(name, $"There is no filter '{(name.Length > 40 ? name[..40] : name)}': the filters are {string.Join(", ", s_names)}."));
        int limit = Limited(query, faults);
        int offset = Whole("offset", 0, int.MaxValue - MaximumLimit, 0);
        var types = Words("type");
        foreach (string type in types.Where(type => type != "process"))
            faults.Add(new InputFault("type", $"The filter type cannot be '{type}': every job here is of type 'process'."));
        var phases = new List<JobPhase>();
        foreach (string state in Words("status"))
        {
            if (StatusInfo.Phases(state) is { } found)
                phases.AddRange(found);
            else
                faults.Add(new InputFault("status", $"The filter status cannot be '{state}': give one or several of accepted, running, successful, failed, dismissed."));
        }

        double? least = Seconds("minDuration"), most = Seconds("maxDuration");
        // With a duration and no status only jobs that run or ran count; a job dismissed or refused before it ran has no start and drops out by itself.
        var (from, to) = Interval(query["datetime"].ToString(), faults);
        if (faults.Count > 0)
            throw new ProblemException(Problem.InvalidInput(faults));
        var all = new JobQuery
        {
            Owner = http.Caller().May(Scope.Operate) ? null : http.Caller().Owner,
            Phases = phases.Count > 0 ? phases : null,
            CreatedFrom = from,
            CreatedTo = to,
            MinimumSeconds = least,
            MaximumSeconds = most,
            Offset = offset,
            // One more tells whether there is a next page.
            Limit = limit + 1,
        };
        var processes = Words("processID");
        return new JobListQuery(limit, offset, processes.Count == 0 ? [all] : [.. processes.Distinct().Select(process => all with { Process = process })]);

        List<string> Words(string name) => [.. query[name].SelectMany(value => (value ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

        double? Seconds(string name)
        {
            string text = query[name].ToString();
            if (text.Length == 0)
                return null;
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds is >= 0 and < 1e11)
                return seconds;
            faults.Add(new InputFault(name, $"The filter {name} is not a number of seconds: give 0 or more."));
            return null;
        }

        int Whole(string name, int low, int high, int otherwise)
        {
            string text = query[name].ToString();
            if (text.Length == 0)
                return otherwise;
            if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= low && number <= high)
                return number;
            faults.Add(new InputFault(name, $"The parameter {name} is not a whole number from {low} on: mend it."));
            return otherwise;
        }
    }

    /// <summary>The parameter limit, which all lists share.</summary>
    public static int Limited(IQueryCollection query, ICollection<InputFault> faults)
    {
        string text = query["limit"].ToString();
        if (text.Length == 0)
            return DefaultLimit;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int limit) && limit is >= 1 and <= MaximumLimit)
            return limit;
        faults.Add(new InputFault("limit", $"The parameter limit is not a whole number from 1 to {MaximumLimit}: mend it."));
        return DefaultLimit;
    }

    // A moment, or begin/end where '..' or nothing leaves a side open.
    private static (DateTimeOffset? From, DateTimeOffset? To) Interval(string text, List<InputFault> faults)
    {
        if (text.Length == 0)
            return (null, null);
        string[] ends = text.Split('/');
        if (ends.Length == 1 && Moment(ends[0]) is { } moment)
            return (moment, moment);
        if (ends.Length == 2)
        {
            bool openFrom = ends[0] is "" or "..", openTo = ends[1] is "" or "..";
            DateTimeOffset? from = openFrom ? null : Moment(ends[0]), to = openTo ? null : Moment(ends[1]);
            bool read = (openFrom || from is not null) && (openTo || to is not null) && !(openFrom && openTo);
            if (read && !(from > to))
                return (from, to);
        }

        faults.Add(new InputFault("datetime", "The filter datetime is neither a time like 2026-11-22T00:00:00Z nor an interval like 2026-11-01T00:00:00Z/..: mend it."));
        return (null, null);

        static DateTimeOffset? Moment(string end) =>
            DateTimeOffset.TryParseExact(end, ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
                ? moment : null;
    }
}
