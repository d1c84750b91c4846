// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The options of {@code ./millrace start}, read here and nowhere else. Not by picocli: its classes are too old for the
 * JVM's class archive, and loading them took a third of a broker's start.
 *
 * @param wanted what the caller asks for
 * @param config the properties file, if one was named
 * @param settings {@code key=value}, later ones over earlier ones
 */
record StartOptions(Wanted wanted, @Nullable Path config, List<String> settings) {
    static final String HELP = """
            Usage: millrace start [-hV] [--config=FILE] [--data=DIR] [--port=PORT] [--set=KEY=VALUE]...
            Starts a broker in the foreground; prints one line when it serves. SIGTERM or Ctrl-C stop it.
                  --config=FILE     A properties file; see docs/configuration.md.
                  --data=DIR        The data directory (data.dir; default: ./data).
              -h, --help            Show this help message and exit.
                  --port=PORT       The port to listen on, 0 for any free one (listen.port; default: 9092).
                  --set=KEY=VALUE   Sets one key, over the file and the environment; may be repeated.
              -V, --version         Print version information and exit.
            """;

    enum Wanted {
        START,
        HELP,
        VERSION
    }

    /**
     * Reads {@code --option value} and {@code --option=value}.
     *
     * @throws UsageException for an unknown option, one without its value, one given twice, or a word that is no option
     */
    static StartOptions parse(List<String> arguments) throws UsageException {
        Deque<String> rest = new ArrayDeque<>(arguments);
        String config = null;
        String data = null;
        String port = null;
        Wanted wanted = Wanted.START;
        List<String> settings = new ArrayList<>();
        while (!rest.isEmpty()) {
            String argument = rest.pop();
            int equals = argument.indexOf('=');
            String name = argument.startsWith("--") && equals > 0 ? argument.substring(0, equals) : argument;
            String inline = name.length() < argument.length() ? argument.substring(equals + 1) : null;
            switch (name) {
                case "--config" -> config = once(name, config, value(name, inline, rest));
                case "--data" -> data = once(name, data, value(name, inline, rest));
                case "--port" -> port = once(name, port, value(name, inline, rest));
                case "--set" -> settings.add(value(name, inline, rest));
                case "-h", "--help" -> wanted = flag(argument, inline, Wanted.HELP);
                case "-V", "--version" -> wanted = flag(argument, inline, Wanted.VERSION);
                default ->
                    throw new UsageException(
                            (argument.startsWith("-") ? "Unknown option: '%s'" : "Unmatched argument: '%s'")
                                    .formatted(argument));
            }
        }
        // The options of their own stand over --set, in whatever order they were given.
        if (data != null) {
            settings.add("data.dir=" + data);
        }
        if (port != null) {
            settings.add("listen.port=" + port);
        }
        return new StartOptions(wanted, config == null ? null : Path.of(config), List.copyOf(settings));
    }

    private static String value(String name, @Nullable String inline, Deque<String> rest) throws UsageException {
        if (inline != null) {
            return inline;
        }
        if (rest.isEmpty() || rest.element().startsWith("--")) {
            throw new UsageException("Option '" + name + "' needs a value");
        }
        return rest.pop();
    }

    private static String once(String name, @Nullable String before, String value) throws UsageException {
        if (before != null) {
            throw new UsageException("Option '" + name + "' is given twice");
        }
        return value;
    }

    private static Wanted flag(String argument, @Nullable String inline, Wanted wanted) throws UsageException {
        if (inline != null) {
            throw new UsageException("Option '" + argument + "' takes no value");
        }
        return wanted;
    }
}
