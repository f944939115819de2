using System.Reflection;

namespace GdmOptEtq.Pipeline.Parameters;

/// <summary>
/// The parameters of a record, found by reflection: a property that is itself a parameter record (a stage) contributes its own properties, so that
/// names stay flat. From this one list come options, configuration, JSON schema, documentation and checks.
/// </summary>
public sealed class ParameterSchema<T>
    where T : class, new()
{
    private ParameterSchema()
    {
        var parameters = new List<ParameterDescription>();
        Collect(typeof(T), [], new T(), parameters);
        if (parameters.GroupBy(p => p.OptionName).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new InvalidOperationException($"Several stages have a parameter called {twice.Key}, and names are flat: rename all but one.");
        Parameters = parameters;
    }

    public static ParameterSchema<T> Instance { get; } = new();

    public IReadOnlyList<ParameterDescription> Parameters { get; }

    /// <summary>The parameter of this name, in kebab-case or camelCase; null when there is none.</summary>
    public ParameterDescription? Find(string name) =>
        Parameters.FirstOrDefault(p => p.OptionName.Equals(name, StringComparison.Ordinal) || p.JsonName.Equals(name, StringComparison.Ordinal));

    /// <summary>
    /// The record with <paramref name="texts"/> (name to values) put over <paramref name="start"/>; every name or value that is wrong adds a reason.
    /// </summary>
    public T Read(IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> texts, T? start, ICollection<string> reasons)
    {
        var record = Copy(start ?? new T());
        foreach (var (name, values) in texts)
        {
            if (Find(name) is not { } parameter)
                reasons.Add($"There is no parameter '{name}'.{Suggestion.For(name, name.Contains('-') ? Parameters.Select(p => p.OptionName) : Parameters.Select(p => p.JsonName))}");
            else if (!parameter.TryParse(values, out object? value, out string reason))
                reasons.Add(Sentence(reason));
            else
                parameter.Set(record, value);
        }

        return record;
    }

    /// <summary>Every value out of its range, each as one sentence with the remedy.</summary>
    public IReadOnlyList<string> Refusals(T record) =>
        Parameters.Select(p => p.Refusal(record)).OfType<string>().Select(Sentence).ToArray();

    /// <summary>All values of the record by JSON name, defaults completed.</summary>
    public IReadOnlyDictionary<string, object?> Complete(T record) => Parameters.ToDictionary(p => p.JsonName, p => p.Get(record));

    private static string Sentence(string reason) => "The parameter " + reason;

    private static void Collect(Type type, PropertyInfo[] path, object defaults, List<ParameterDescription> into)
    {
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite))
        {
            PropertyInfo[] here = [.. path, property];
            if (IsStage(property.PropertyType))
                Collect(property.PropertyType, here, defaults, into);
            else
                into.Add(new ParameterDescription(here, defaults));
        }
    }

    private static bool IsStage(Type type) => type.IsClass && type.Name.EndsWith("Parameters", StringComparison.Ordinal);

    // A record of records: the copy must be deep, since Set writes into it.
    private static T Copy(T source) => (T)CopyRecord(source);

    private static object CopyRecord(object source)
    {
        var type = source.GetType();
        object copy = Activator.CreateInstance(type)!;
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite))
        {
            object? value = property.GetValue(source);
            property.SetValue(copy, value is not null && IsStage(property.PropertyType) ? CopyRecord(value) : value);
        }

        return copy;
    }
}
