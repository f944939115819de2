using System.Collections;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Serialization;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Parameters;

/// <summary>What kind of value a parameter takes.</summary>
public enum ParameterKind
{
    Switch,
    WholeNumber,
    Number,
    Choice,
    Date,
    Text,
    TextList,
}

/// <summary>
/// One parameter as every door shows it: command line, configuration file, service, form, documentation. Read off a property of a stage's record.
/// </summary>
public sealed class ParameterDescription
{
    private readonly PropertyInfo[] _path;
    private readonly Type _type;
    private readonly string? _pattern;

    internal ParameterDescription(PropertyInfo[] path, object defaults)
    {
        _path = path;
        var property = path[^1];
        _type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        IsOptional = Nullable.GetUnderlyingType(property.PropertyType) is not null
            || new NullabilityInfoContext().Create(property).WriteState == NullabilityState.Nullable;
        JsonName = char.ToLowerInvariant(property.Name[0]) + property.Name[1..];
        OptionName = Kebab(property.Name);
        Group = path.Length > 1 ? path[^2].Name : "";
        Description = property.GetCustomAttribute<DescriptionAttribute>()?.Description
            ?? throw new InvalidOperationException($"{property.DeclaringType?.Name}.{property.Name} has no [Description].");
        Unit = property.GetCustomAttribute<UnitAttribute>()?.Unit ?? UnitInName(property.Name);
        var range = property.GetCustomAttribute<RangeAttribute>();
        Minimum = range is null ? null : Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture);
        Maximum = range is null ? null : Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture);
        Kind = KindOf(_type);
        AllowedValues = _type.IsEnum
            ? Enum.GetNames(_type).Select(name => EnumText(_type, name)).ToArray()
            : property.GetCustomAttribute<AllowedValuesAttribute>()?.Values.OfType<string>().ToArray() ?? [];
        _pattern = property.GetCustomAttribute<RegularExpressionAttribute>()?.Pattern;
        if (Kind == ParameterKind.Text && AllowedValues.Count > 0)
            Kind = ParameterKind.Choice;
        Default = Get(defaults);
    }

    /// <summary>Name in JSON and YAML: camelCase.</summary>
    public string JsonName { get; }

    /// <summary>Name of the command-line option, without dashes: kebab-case.</summary>
    public string OptionName { get; }

    /// <summary>The stage it belongs to, or empty.</summary>
    public string Group { get; }

    public string Description { get; }

    public string? Unit { get; }

    public double? Minimum { get; }

    public double? Maximum { get; }

    public ParameterKind Kind { get; }

    /// <summary>Whether it may be left empty.</summary>
    public bool IsOptional { get; }

    public IReadOnlyList<string> AllowedValues { get; }

    public object? Default { get; }

    public string DefaultText => Text(Default);

    /// <summary>Range or choices in words, e.g. "1 to 7 px"; empty when everything goes.</summary>
    public string RangeText => Kind switch
    {
        _ when Minimum is { } low && Maximum is { } high => $"{Text(low)} to {Text(high)}{(Unit is null ? "" : " " + Unit)}",
        ParameterKind.Choice => string.Join(", ", AllowedValues),
        ParameterKind.Switch => "true, false",
        ParameterKind.Date => "yyyy-MM-dd",
        _ => Unit ?? "",
    };

    public object? Get(object record) => _path.Aggregate<PropertyInfo, object?>(record, (value, property) => property.GetValue(value));

    /// <summary>The parameter's value in <paramref name="record"/> as a configuration file would hold it.</summary>
    public string TextIn(object record) => Text(Get(record));

    /// <summary>Sets the value in a freshly made record; only <see cref="ParameterSchema{T}"/> calls it, before anybody sees the record.</summary>
    internal void Set(object record, object? value)
    {
        object owner = record;
        foreach (var property in _path[..^1])
            owner = property.GetValue(owner)!;
        _path[^1].SetValue(owner, value);
    }

    /// <summary>Turns text into the value, or says in one sentence why not.</summary>
    public bool TryParse(IReadOnlyList<string> texts, out object? value, out string reason)
    {
        value = null;
        reason = "";
        if (Kind == ParameterKind.TextList)
        {
            value = texts.ToArray();
            return true;
        }

        if (texts.Count != 1)
        {
            reason = $"{OptionName} is given {texts.Count} times: give it once.";
            return false;
        }

        string text = texts[0].Trim();
        if (text.Length == 0 && IsOptional)
            return true;
        value = Kind switch
        {
            ParameterKind.Switch => bool.TryParse(text, out bool yes) ? yes : null,
            ParameterKind.WholeNumber => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole)
                && whole is >= int.MinValue and <= int.MaxValue ? (int)whole : null,
            ParameterKind.Number => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
                ? Convert.ChangeType(number, _type, CultureInfo.InvariantCulture) : null,
            ParameterKind.Date => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null,
            ParameterKind.Choice => Choice(text),
            _ => text,
        };
        if (value is null)
        {
            string hint = Kind == ParameterKind.Choice ? Suggestion.For(text, AllowedValues) : "";
            reason = $"{OptionName} cannot be '{text}': give {Wanted()}.{hint}";
            return false;
        }

        reason = RangeReason(value) ?? "";
        return reason.Length == 0;
    }

    /// <summary>Why the value in <paramref name="record"/> is out of its range; null when it is not.</summary>
    public string? Refusal(object record) => Get(record) is { } value ? RangeReason(value) : null;

    private string? RangeReason(object value)
    {
        if (Minimum is { } low && Maximum is { } high && value is IConvertible and not string)
        {
            double number = Convert.ToDouble(value, CultureInfo.InvariantCulture);
            if (!(number >= low && number <= high))
                return $"{OptionName} cannot be {Text(value)}: give {Wanted()}.";
        }

        if (_pattern is not null && value is string shaped && !System.Text.RegularExpressions.Regex.IsMatch(shaped, _pattern))
            return $"{OptionName} cannot be '{shaped}': give {Wanted()} like '{DefaultText}'.";
        return Kind == ParameterKind.Choice && value is string text && !AllowedValues.Contains(text)
            ? $"{OptionName} cannot be '{text}': give {Wanted()}.{Suggestion.For(text, AllowedValues)}"
            : null;
    }

    private string Wanted() => Kind switch
    {
        ParameterKind.WholeNumber => $"a whole number{(RangeText.Length > 0 ? " from " + RangeText : "")}",
        ParameterKind.Number => $"a number{(RangeText.Length > 0 ? " from " + RangeText : "")}",
        ParameterKind.Choice => $"one of {RangeText}",
        ParameterKind.Switch => "true or false",
        ParameterKind.Date => "a date yyyy-MM-dd",
        _ => "a text",
    };

    private object? Choice(string text)
    {
        string? match = AllowedValues.FirstOrDefault(v => Plain(v) == Plain(text));
        if (match is null)
            return null;
        return _type.IsEnum ? Enum.Parse(_type, Enum.GetNames(_type).First(name => EnumText(_type, name) == match)) : match;
    }

    private static string Plain(string text) => text.Replace("-", "").Replace("_", "").ToLowerInvariant();

    internal static string Text(object? value) => value switch
    {
        null => "",
        bool yes => yes ? "true" : "false",
        Enum choice => EnumText(choice.GetType(), choice.ToString()),
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        string text => text,
        IEnumerable list => string.Join(" ", list.Cast<object>().Select(Text)),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    // A choice is written in kebab-case, or as its [JsonStringEnumMemberName] says.
    private static string EnumText(Type type, string name) =>
        type.GetField(name)?.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? Kebab(name);

    private static ParameterKind KindOf(Type type) => type switch
    {
        _ when type == typeof(bool) => ParameterKind.Switch,
        _ when type == typeof(int) => ParameterKind.WholeNumber,
        _ when type == typeof(double) || type == typeof(float) => ParameterKind.Number,
        _ when type == typeof(DateOnly) => ParameterKind.Date,
        _ when type == typeof(string) => ParameterKind.Text,
        { IsEnum: true } => ParameterKind.Choice,
        _ when typeof(IEnumerable<string>).IsAssignableFrom(type) => ParameterKind.TextList,
        _ => throw new InvalidOperationException($"A parameter of type {type.Name} has no form on the command line."),
    };

    private static string? UnitInName(string name) => name switch
    {
        _ when name.EndsWith("Degrees", StringComparison.Ordinal) => "degrees",
        _ when name.EndsWith("Pixels", StringComparison.Ordinal) => "px",
        _ when name.EndsWith("Metres", StringComparison.Ordinal) => "m",
        _ when name.EndsWith("Kilometres", StringComparison.Ordinal) => "km",
        _ when name.EndsWith("Percent", StringComparison.Ordinal) => "%",
        _ => null,
    };

    internal static string Kebab(string name)
    {
        var text = new System.Text.StringBuilder();
        for (int i = 0; i < name.Length; i++)
        {
            bool startsWord = char.IsUpper(name[i]) && i > 0 && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            if (startsWord)
                text.Append('-');
            text.Append(char.ToLowerInvariant(name[i]));
        }

        return text.ToString();
    }
}
