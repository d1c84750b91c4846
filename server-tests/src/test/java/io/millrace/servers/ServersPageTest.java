// SPDX-License-Identifier: Apache-2.0
package io.millrace.servers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/servers.md} says what the tests do: its table is theirs, its snippets are the files that they use. */
class ServersPageTest {
    private static final Path PAGE = Path.of("../docs/servers.md");
    private static final Pattern SNIPPET =
            Pattern.compile("<!-- file: (\\S+) -->\n```\\w*\n(.*?)```\n", Pattern.DOTALL);

    private static List<String> columns() {
        return List.of(
                WildFly.NAME, OpenLiberty.NAME, GlassFish.Product.PAYARA.name(), GlassFish.Product.GLASSFISH.name());
    }

    private static String page() throws IOException {
        return Files.readString(PAGE);
    }

    /** All run every row. */
    private static String table() {
        int columns = columns().size();
        StringBuilder text = new StringBuilder("| | " + String.join(" | ", columns()) + " |\n");
        text.append("|---|").append("---|".repeat(columns)).append('\n');
        for (Scenario scenario : Scenario.values()) {
            text.append("| ").append(scenario.title()).append(" |");
            text.append(" yes |".repeat(columns)).append('\n');
        }
        return text.toString();
    }

    @Test
    void theTableIsWhatTheTestsRun() throws IOException {
        assertTrue(page().contains(table()), "docs/servers.md must contain this table:\n" + table());
    }

    @Test
    void eachRowOfTheTableHasATest() {
        Set<Scenario> covered = EnumSet.noneOf(Scenario.class);
        for (Method method : ServerContract.class.getDeclaredMethods()) {
            Covers covers = method.getAnnotation(Covers.class);
            if (covers != null) {
                covered.add(covers.value());
            }
        }

        assertEquals(EnumSet.allOf(Scenario.class), covered);
    }

    @Test
    void theSnippetsAreTheTestedFiles() throws IOException {
        Matcher snippets = SNIPPET.matcher(page());
        List<String> shown = new ArrayList<>();
        while (snippets.find()) {
            String file = snippets.group(1);
            shown.add(file);
            assertEquals(Files.readString(Archives.descriptors(file)), snippets.group(2), "the snippet of " + file);
        }

        assertEquals(allFiles(), shown.stream().sorted().toList(), "each file is shown once");
    }

    private static List<String> allFiles() throws IOException {
        Path root = Archives.descriptors("");
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> root.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }
}
