namespace GdmOptEtq.Cli.Operator;

/// <summary>Reads one line from a terminal: arrows, history, completion by Tab, Ctrl-A E U W L; Ctrl-C drops the line, Ctrl-D on an empty one ends.</summary>
/// <param name="prompt">Before each line.</param>
/// <param name="complete">Candidates for the last word of the text left of the cursor.</param>
internal sealed class LineEditor(string prompt, Func<string, Task<IReadOnlyList<string>>> complete)
{
    private readonly List<string> _history = [];

    public void Remember(string line)
    {
        if (line.Trim().Length > 0 && (_history.Count == 0 || _history[^1] != line))
            _history.Add(line);
    }

    /// <summary>The line; null when there are no more.</summary>
    public async Task<string?> ReadAsync()
    {
        var line = new EditedLine(_history);
        bool before = Console.TreatControlCAsInput;
        Console.TreatControlCAsInput = true;
        try
        {
            while (true)
            {
                Draw(line);
                var key = Console.ReadKey(intercept: true);
                bool control = key.Modifiers.HasFlag(ConsoleModifiers.Control);
                if (key.Key == ConsoleKey.Enter)
                {
                    line.End();
                    Draw(line);
                    Console.Out.Write("\r\n");
                    return line.Text;
                }

                if (control && key.Key == ConsoleKey.D && line.Text.Length == 0)
                {
                    Console.Out.Write("\r\n");
                    return null;
                }

                if (control && key.Key == ConsoleKey.C)
                {
                    Console.Out.Write(line.Text.Length == 0 ? "^C (exit or Ctrl-D leaves; the cluster goes on either way)\r\n" : "^C\r\n");
                    line.Clear();
                }
                else if (key.Key == ConsoleKey.Tab)
                {
                    await CompleteAsync(line);
                }
                else
                {
                    Edit(line, key, control);
                }
            }
        }
        finally
        {
            Console.TreatControlCAsInput = before;
        }
    }

    private static void Edit(EditedLine line, ConsoleKeyInfo key, bool control)
    {
        switch (key.Key)
        {
            case ConsoleKey.LeftArrow: line.Left(); break;
            case ConsoleKey.RightArrow: line.Right(); break;
            case ConsoleKey.Home: line.Home(); break;
            case ConsoleKey.End: line.End(); break;
            case ConsoleKey.UpArrow: line.Older(); break;
            case ConsoleKey.DownArrow: line.Newer(); break;
            case ConsoleKey.Backspace: line.Backspace(); break;
            case ConsoleKey.Delete: line.Delete(); break;
            case ConsoleKey.A when control: line.Home(); break;
            case ConsoleKey.E when control: line.End(); break;
            case ConsoleKey.U when control: line.DeleteToStart(); break;
            case ConsoleKey.W when control: line.DeleteWord(); break;
            case ConsoleKey.D when control: line.Delete(); break;
            case ConsoleKey.L when control: Console.Out.Write("\u001b[H\u001b[2J"); break;
            default:
                if (!control && !char.IsControl(key.KeyChar))
                    line.Insert(key.KeyChar.ToString());
                break;
        }
    }

    private async Task CompleteAsync(EditedLine line)
    {
        var candidates = await complete(line.Before);
        if (candidates.Count == 0)
            return;
        string word = line.Before[(line.Before.LastIndexOf(' ') + 1)..];
        string shared = candidates.Aggregate((left, right) => left[..left.Zip(right).TakeWhile(pair => pair.First == pair.Second).Count()]);
        if (candidates.Count == 1)
            line.Complete(candidates[0] + " ");
        else if (shared.Length > word.Length)
            line.Complete(shared);
        else
            Console.Out.Write("\r\n" + string.Join("  ", candidates) + "\r\n");
    }

    // One row: a longer line shows the part around the cursor.
    private void Draw(EditedLine line)
    {
        int room = Math.Max(10, (Console.WindowWidth > 0 ? Console.WindowWidth : 80) - prompt.Length - 1);
        int first = Math.Max(0, line.Cursor - room);
        string shown = line.Text.Substring(first, Math.Min(room, line.Text.Length - first));
        Console.Out.Write($"\r{prompt}{shown}\u001b[K\r\u001b[{prompt.Length + line.Cursor - first}C");
    }
}
