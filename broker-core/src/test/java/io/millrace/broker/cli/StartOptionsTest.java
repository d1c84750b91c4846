// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.broker.cli.StartOptions.Wanted;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StartOptionsTest {
    private static StartOptions parse(String... arguments) throws UsageException {
        return StartOptions.parse(List.of(arguments));
    }

    @Test
    void takesValuesBehindASpaceOrAnEqualsSign() throws Exception {
        // Given
        StartOptions expected =
                new StartOptions(Wanted.START, Path.of("f"), List.of("a=b=c", "data.dir=d", "listen.port=0"));
        // When
        StartOptions spaced = parse("--config", "f", "--data", "d", "--port", "0", "--set", "a=b=c");
        StartOptions joined = parse("--set=a=b=c", "--config=f", "--port=0", "--data=d");
        // Then
        assertEquals(List.of(expected, expected), List.of(spaced, joined));
    }

    @Test
    void putsOptionsOfTheirOwnOverSetInWhateverOrder() throws Exception {
        // When
        StartOptions options = parse("--port", "1", "--set", "listen.port=2", "--set", "listen.port=3");
        // Then: the last one counts
        assertEquals(List.of("listen.port=2", "listen.port=3", "listen.port=1"), options.settings());
    }

    @Test
    void asksForHelpOrVersion() throws Exception {
        assertEquals(Wanted.HELP, parse("--data", "d", "-h").wanted());
        assertEquals(Wanted.HELP, parse("--help").wanted());
        assertEquals(Wanted.VERSION, parse("-V").wanted());
        assertEquals(Wanted.VERSION, parse("--version").wanted());
    }

    @ParameterizedTest
    @CsvSource({
        "--prot, Unknown option: '--prot'",
        "--prot=1, Unknown option: '--prot=1'",
        "-p, Unknown option: '-p'",
        "data, Unmatched argument: 'data'",
        "--data, Option '--data' needs a value",
        "--set --port=1, Option '--set' needs a value",
        "--port 1 --port 2, Option '--port' is given twice",
        "--help=yes, Option '--help=yes' takes no value"
    })
    void refusesWhatItDoesNotUnderstand(String arguments, String message) {
        UsageException refusal = assertThrows(UsageException.class, () -> parse(arguments.split(" ")));
        assertEquals(message, refusal.getMessage());
    }
}
