namespace GdmOptEtq.Cli.Operator;

/// <summary>A line being typed: its text, where the cursor stands, and the lines before it. Knows no terminal.</summary>
internal sealed class EditedLine(IReadOnlyList<string> history)
{
    private int _back;
    private string _typed = "";

    public string Text { get; private set; } = "";

    public int Cursor { get; private set; }

    /// <summary>What is left of the cursor.</summary>
    public string Before => Text[..Cursor];

    public void Insert(string text)
    {
        Text = Text.Insert(Cursor, text);
        Cursor += text.Length;
    }

    public void Left() => Cursor = Math.Max(0, Cursor - 1);

    public void Right() => Cursor = Math.Min(Text.Length, Cursor + 1);

    public void Home() => Cursor = 0;

    public void End() => Cursor = Text.Length;

    public void Backspace()
    {
        if (Cursor > 0)
            Text = Text.Remove(--Cursor, 1);
    }

    public void Delete()
    {
        if (Cursor < Text.Length)
            Text = Text.Remove(Cursor, 1);
    }

    public void DeleteToStart()
    {
        Text = Text[Cursor..];
        Cursor = 0;
    }

    public void DeleteWord()
    {
        int start = Before.TrimEnd().LastIndexOf(' ') + 1;
        Text = Text.Remove(start, Cursor - start);
        Cursor = start;
    }

    public void Clear()
    {
        Text = "";
        Cursor = 0;
        _back = 0;
    }

    /// <summary>The line before; what was typed is kept for the way back.</summary>
    public void Older()
    {
        if (_back == history.Count)
            return;
        if (_back == 0)
            _typed = Text;
        Show(history[^++_back]);
    }

    public void Newer()
    {
        if (_back == 0)
            return;
        _back--;
        Show(_back == 0 ? _typed : history[^_back]);
    }

    /// <summary>Replaces the word left of the cursor.</summary>
    public void Complete(string word)
    {
        int start = Before.LastIndexOf(' ') + 1;
        Text = string.Concat(Text.AsSpan(0, start), word, Text.AsSpan(Cursor));
        Cursor = start + word.Length;
    }

    private void Show(string text)
    {
        Text = text;
        Cursor = text.Length;
    }
}
