// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The checklist of the specification (docs/jakarta-messaging-3.1.md) names tests that are there. */
class ChecklistTest {
    /** Surefire runs in the module's directory. */
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private static final Path PAGE = ROOT.resolve(Path.of("docs", "jakarta-messaging-3.1.md"));

    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern TEST = Pattern.compile("(\\w+(?:Test|Contract|IT))?(?:#(\\w+))?");

    /** The sources of all test classes, by simple name. */
    private static Map<String, String> tests() throws IOException {
        Map<String, String> sources = new HashMap<>();
        try (Stream<Path> files = Files.find(
                ROOT,
                20,
                (file, attributes) -> file.toString().matches(".*/src/test/java/.*(Test|Contract|IT)\\.java"))) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString().replace(".java", "");
                sources.merge(name, Files.readString(file), (one, other) -> one + other);
            }
        }
        return sources;
    }

    /** The third column, row by row. */
    private static List<String> proofs() throws IOException {
        List<String> proofs = new ArrayList<>();
        for (String line : Files.readAllLines(PAGE)) {
            if (line.startsWith("|") && !line.startsWith("|--") && !line.startsWith("| Section")) {
                String[] cells = line.split(" \\| ", -1);
                assertEquals(3, cells.length, "a row has a section, a rule and a test or reason: " + line);
                assertTrue(cells[2].replace("|", "").trim().length() > 3, "neither test nor reason: " + line);
                proofs.add(cells[2]);
            }
        }
        return proofs;
    }

    @Test
    void everyTestThatTheChecklistNamesExists() throws IOException {
        Map<String, String> sources = tests();
        List<String> missing = new ArrayList<>();
        int found = 0;
        for (String proof : proofs()) {
            String type = "";
            Matcher code = CODE.matcher(proof);
            while (code.find()) {
                Matcher named = TEST.matcher(code.group(1));
                if (!named.matches() || code.group(1).isEmpty()) {
                    continue; // no test, but an option or an exception
                }
                type = named.group(1) == null ? type : named.group(1);
                String source = sources.get(type);
                String method = named.group(2);
                if (source == null || (method != null && !source.contains(" " + method + "("))) {
                    missing.add(type + (method == null ? "" : "#" + method));
                }
                found++;
            }
        }
        assertEquals(List.of(), missing, PAGE + " names tests that are not there");
        assertTrue(found > 200, "only " + found + " tests were recognized");
    }
}
