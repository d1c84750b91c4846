// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The selector language by the letter of Jakarta Messaging 3.1, section 3.8.1. T, F and U are the three truth values: a
 * selector is T when it matches, F when its negation does, else U.
 */
class SelectorTest {
    private static final Map<String, Object> MESSAGE = new HashMap<>();

    static {
        MESSAGE.put("JMSDeliveryMode", "PERSISTENT");
        MESSAGE.put("JMSPriority", 4);
        MESSAGE.put("JMSTimestamp", 1_700_000_000_000L);
        MESSAGE.put("JMSMessageID", "ID:1");
        MESSAGE.put("JMSXGroupSeq", 2);
        MESSAGE.put("JMS_Millrace_Offset", 5L);
        MESSAGE.put("yes", true);
        MESSAGE.put("no", false);
        MESSAGE.put("byte", (byte) 7);
        MESSAGE.put("short", (short) 300);
        MESSAGE.put("int", 1_000);
        MESSAGE.put("maxInt", Integer.MAX_VALUE);
        MESSAGE.put("long", 5_000_000_000L);
        MESSAGE.put("minLong", Long.MIN_VALUE);
        MESSAGE.put("float", 1.5f);
        MESSAGE.put("tenthFloat", 0.1f);
        MESSAGE.put("double", 2.5);
        MESSAGE.put("nan", Double.NaN);
        MESSAGE.put("color", "blue");
        MESSAGE.put("Color", "red");
        MESSAGE.put("number", "2");
        MESSAGE.put("quote", "it's");
        MESSAGE.put("empty", "");
        MESSAGE.put("$_ü1", "unicode");
        MESSAGE.put("foreign", new Object());
    }

    private static String truth(String selector) {
        try {
            if (Selector.parse(selector).matches(MESSAGE::get)) {
                return "T";
            }
            return Selector.parse("NOT (" + selector + ")").matches(MESSAGE::get) ? "F" : "U";
        } catch (InvalidSelectorException e) {
            throw new AssertionError(e);
        }
    }

    private static InvalidSelectorException refusal(String selector) {
        try {
            Selector.parse(selector);
        } catch (InvalidSelectorException e) {
            return e;
        }
        throw new AssertionError("was accepted: " + selector);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "quote = 'it''s' | T",
                "quote = 'its' | F",
                "empty = '' | T",
                "empty = '''' | F",
                "color = 'bl\u00fce' | F",
                "int = 1000 | T",
                "int = +1000 | T",
                "int = -1000 | F",
                "int = 1_000 | T",
                "int = 1000L | T",
                "int = 0x3E8 | T",
                "int = 01750 | T",
                "int = 0b1111101000 | T",
                "0xFFFFFFFF = -1 | T",
                "0xFFFFFFFFFFFFFFFFL = -1 | T",
                "-0x80000000 < 0 | T",
                "2147483648 > 0 | T",
                "-2147483648 - 1 > 0 | T",
                "minLong = -9223372036854775808 | T",
                "minLong = - -9223372036854775808 | T",
                "9223372036854775807 > 0 | T",
                "double = 2.5 | T",
                "double = 25E-1 | T",
                "double = .25e+1 | T",
                "double = 2.5d | T",
                "double = 0x1.4p1 | T",
                "7. = 7 | T",
                "7E3 = 7000 | T",
                "-57.9E2 = -5790 | T",
                "-95.7 < 0 | T",
                "7d = 7f | T",
                "1_0.0_1 > 10 | T",
                "yes = TRUE | T",
                "yes = true | T",
                "yes = fAlSe | F"
            })
    void literalsOf3_8_1_1(String selector, String expected) {
        assertEquals(expected, truth(selector), selector);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "color = 'blue' | T",
                "Color = 'red' | T",
                "COLOR IS NULL | T",
                "$_ü1 = 'unicode' | T",
                "JMSDeliveryMode = 'PERSISTENT' | T",
                "JMSDeliveryMode <> 'NON_PERSISTENT' | T",
                "JMSDeliveryMode = 2 | F",
                "JMSPriority >= 4 | T",
                "JMSTimestamp > 1699999999999 | T",
                "JMSMessageID LIKE 'ID:%' | T",
                "JMSCorrelationID = 'x' | U",
                "JMSType IS NULL | T",
                "JMSXGroupSeq = 2 | T",
                "JMSXUserID IS NULL | T",
                "JMS_Millrace_Offset = 5 | T",
                "number > 1 | F",
                "number = 2 | F",
                "jmsfoo IS NULL | T"
            })
    void identifiersOf3_8_1_1(String selector, String expected) {
        assertEquals(expected, truth(selector), selector);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "yes AND yes | T",
                "yes AND no | F",
                "yes AND absent | U",
                "no AND absent | F",
                "absent AND no | F",
                "absent AND absent | U",
                "absent AND yes | U",
                "yes OR absent | T",
                "absent OR yes | T",
                "no OR no | F",
                "no OR absent | U",
                "absent OR absent | U",
                "NOT yes | F",
                "NOT no | T",
                "NOT absent | U",
                "not NOT yes | T",
                "no AND no OR yes | T",
                "yes OR yes AND no | T",
                "(yes OR yes) AND no | F",
                "NOT no AND yes | T",
                "NOT (no AND yes) | T",
                "NOT yes OR yes | T",
                "NOT int = 5 | T"
            })
    void logicOf3_8_1_2(String selector, String expected) {
        assertEquals(expected, truth(selector), selector);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "int <> 1000 | F",
                "int > 999 | T",
                "int >= 1000 | T",
                "int < 1000 | F",
                "int <= 1000 | T",
                "byte < short | T",
                "int = 1000.0 | T",
                "float = 1.5 | T",
                "tenthFloat = 0.1 | F",
                "tenthFloat = 0.1f | T",
                "16777217 = 16777216.0f | T",
                "16777217 = 16777216.0 | F",
                "nan = nan | F",
                "nan <> nan | T",
                "0.0 = -0.0 | T",
                "color = 5 | F",
                "color <> 5 | F",
                "color = TRUE | F",
                "yes <> 'true' | F",
                "yes <> no | T",
                "color < Color | F",
                "color > Color | F",
                "yes > no | F",
                "color <> Color | T",
                "absent = 1 | U",
                "absent <> absent | U",
                "1 < absent | U",
                "absent = 'a' | U",
                "color | F",
                "NOT color | T",
                "foreign = foreign | F",
                "foreign IS NULL | F",
                "(int > 5) = yes | T",
                "(absent > 5) = yes | U"
            })
    void comparisonsOf3_8_1_1(String selector, String expected) {
        assertEquals(expected, truth(selector), selector);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "2 + 3 * 4 = 14 | T",
                "(2 + 3) * 4 = 20 | T",
                "10 - 3 - 2 = 5 | T",
                "100 / 10 / 2 = 5 | T",
                "2 * -3 = -6 | T",
                "- - 3 = 3 | T",
                "-+-3 = 3 | T",
                "-int = -1000 | T",
                "-(int + 1) = -1001 | T",
                "5/2=2|T",
                "5/2.0=2.5|T",
                "-5 / 2 = -2 | T",
                "3-1=2|T",
                "3 -1 = 2 | T",
                "maxInt + 1 < 0 | T",
                "maxInt + 1L > 0 | T",
                "byte * short = 2100 | T",
                "9223372036854775807 + 1 < 0 | T",
                "int / 0 = 1 | U",
                "long / 0 IS NULL | X",
                "int / 0.0 > 1e300 | T",
                "0.0 / 0 = 0 | F",
                "absent + 1 = 1 | U",
                "-absent = 1 | U",
                "number + 1 = 3 | F",
                "number + 1 <> 3 | F",
                "-number = -2 | F",
                "+color = 'blue' | F",
                "number + absent = 3 | U",
                "yes + 1 = 2 | F"
            })
    void arithmeticOf3_8_1_1(String selector, String expected) {
        if (expected.equals("X")) {
            refusal(selector);
        } else {
            assertEquals(expected, truth(selector), selector);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "int BETWEEN 1000 AND 1001 | T",
                "int BETWEEN 999 AND 1000 | T",
                "int BETWEEN 1001 AND 999 | F",
                "int NOT BETWEEN 1001 AND 999 | T",
                "int NOT BETWEEN 1000 AND 1000 | F",
                "int between 1 + 1 and 100 * 20 AND yes | T",
                "int + 1 BETWEEN int AND maxInt | T",
                "5 BETWEEN 1 AND 9 | T",
                "color BETWEEN 1 AND 9 | F",
                "color NOT BETWEEN 1 AND 9 | F",
                "absent BETWEEN 1 AND 9 | U",
                "absent NOT BETWEEN 1 AND 9 | U",
                "int BETWEEN absent AND 9 | F",
                "int BETWEEN absent AND 1001 | U",
                "int NOT BETWEEN absent AND 9 | T",
                "int BETWEEN 999 AND 1001.5 | T"
            })
    void betweenOf3_8_1_1(String selector, String expected) {
        assertEquals(expected, truth(selector), selector);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "color IN ('red', 'blue') | T",
                "color in('red') | F",
                "color NOT IN ('red', 'blue') | F",
                "color NOT IN ('red') | T",
                "quote IN ('it''s', 'it''s') | T",
                "absent IN ('a') | U",
                "absent NOT IN ('a') | U",
                "int IN ('1000') | F",
                "int NOT IN ('1000') | T",
                "color IS NULL | F",
                "color IS NOT NULL | T",
                "absent is null | T",
                "absent IS NOT NULL | F"
            })
    void inAndNullOf3_8_1_1(String selector, String expected) {
        assertEquals(expected, truth(selector), selector);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "123 | 12%3 | | T",
                "12993 | 12%3 | | T",
                "1234 | 12%3 | | F",
                "lose | l_se | | T",
                "loose | l_se | | F",
                "_foo | \\_% | \\ | T",
                "bar | \\_% | \\ | F",
                "100% | 100x% | x | T",
                "1000 | 100x% | x | F",
                "a\\b | a\\\\b | \\ | T",
                "abc | abc | | T",
                "abc | ABC | | F",
                "abc | ab | | F",
                "abc | %b% | | T",
                "abc | %c | | T",
                "abc | %d% | | F",
                "abc | ___ | | T",
                "abc | ____ | | F",
                "abc | %%_%% | | T",
                "abab | %ab | | T",
                "aab | a%ab | | T",
                "ab | a%ab | | F",
                "mississippi | m%iss%pi | | T",
                "mississippi | m%iss%ps | | F",
                "a.c | a.c | | T",
                "abc | a.c | | F",
                "a\uD83D\uDE00c | a_c | | T",
                "x | _% | | T"
            })
    void likeOf3_8_1_1(String value, String pattern, String escape, String expected) throws Exception {
        String operand = " LIKE '" + pattern + "'" + (escape == null ? "" : " ESCAPE '" + escape + "'");
        Selector like = Selector.parse("p" + operand);
        Selector notLike = Selector.parse("p NOT" + operand);

        assertEquals(expected.equals("T"), like.matches(name -> value), operand);
        assertEquals(expected.equals("F"), notLike.matches(name -> value), "NOT" + operand);
    }

    @Test
    void likeOf3_8_1_1WithTheSpecialCases() throws Exception {
        assertEquals("T", truth("empty LIKE ''"));
        assertEquals("T", truth("empty LIKE '%'"));
        assertEquals("F", truth("empty LIKE '_'"));
        assertEquals("T", truth("quote LIKE '%''s'"));
        assertEquals("U", truth("absent LIKE '%'"));
        assertEquals("U", truth("absent NOT LIKE '%'"));
        assertEquals("F", truth("int LIKE '1%'"));
        assertEquals("T", truth("color LIKE 'b''lue' ESCAPE '''' OR color LIKE 'bl%'".replace("b''lue", "b''''lue")));
        assertTrue(Selector.parse("p LIKE 'line%end'").matches(name -> "line one\nend"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "   ",
                "int",
                "5",
                "'a'",
                "int + 1",
                "int =",
                "= 5",
                "int == 5",
                "int != 5",
                "int => 5",
                "int = 5 AND",
                "AND int = 5",
                "NOT",
                "int NOT 5",
                "int = 5 int = 6",
                "(int = 5",
                "int = 5)",
                "()",
                "int = 'a",
                "int = \"a\"",
                "color = 'it's'",
                "int = 5x",
                "int = 08",
                "int = 1__",
                "int = 0x",
                "int = 9223372036854775808",
                "int = 1e400",
                "int = 1e-400",
                "int = 1e400f",
                "int = 1.2.3",
                "5and = 5",
                "int BETWEEN 1",
                "int BETWEEN 1 OR 2",
                "int BETWEEN 'a' AND 'b'",
                "int BETWEEN (1 AND 2)",
                "color IN ()",
                "color IN ('a',)",
                "color IN (1, 2)",
                "color IN (other)",
                "color IN 'a'",
                "'a' IN ('a')",
                "(color) IN ('a')",
                "color LIKE 5",
                "color LIKE other",
                "color LIKE 'a' ESCAPE ''",
                "color LIKE 'a' ESCAPE 'ab'",
                "color LIKE 'a' ESCAPE 5",
                "color LIKE 'ax' ESCAPE 'x'",
                "color LIKE 'xa' ESCAPE 'x'",
                "'a' LIKE 'a'",
                "color IS 5",
                "color IS",
                "color IS NOT",
                "5 IS NULL",
                "(color) IS NULL",
                "NULL = color",
                "color = NULL",
                "color > 'a'",
                "TRUE < int",
                "'a' + 1 = 2",
                "-'a' = 1",
                "TRUE * 2 = 2",
                "(int > 1) + 1 = 2",
                "int = 1 = 1",
                "1 < int < 5",
                "int = 5 -- a comment",
                "int = 5 /* comment */",
                "int = 5;",
                "two words = 5",
                "a.b = 5",
                "#int = 5",
                "int\u00a0= 5",
                "JMSDestination = 'a'",
                "JMSReplyTo IS NULL",
                "JMSExpiration > 5",
                "JMSDeliveryTime > 5",
                "JMSRedelivered = TRUE",
                "JMSfoo = 5",
                "NOT IN ('a')",
                "escape = 5",
                "In = 5"
            })
    void invalidSelectorsAreRefusedWhenParsedAs3_8_1_1Demands(String selector) {
        if (selector.equals("int")) {
            assertEquals("F", truth(selector), "the type of a property is not known when the selector is parsed");
            return;
        }
        InvalidSelectorException refusal = refusal(selector);

        assertTrue(refusal.position() >= 0 && refusal.position() <= selector.length(), refusal.getMessage());
    }

    @Test
    void refusalsSayWhereAndWhatWasExpected() {
        InvalidSelectorException refusal = refusal("color = 'blue' AND weight >> 2500");

        assertEquals(27, refusal.position());
        assertEquals(
                "The message selector is not valid at character 28 (\"> 2500\"): expected a literal, an identifier, NOT"
                        + " or (, found >.",
                refusal.getMessage());
        assertTrue(
                refusal("color =").getMessage().contains("its end"),
                refusal("color =").getMessage());
    }

    @Test
    void whitespaceIsJavasAsIn3_8_1_1() {
        assertEquals("T", truth("\tint\f=\r\n1000 "));
        assertEquals("T", truth("int=1000AND yes".replace("AND", " AND")));
        assertEquals("T", truth("color='blue'AND(yes)"));
    }

    @Test
    void identifiersAreThoseOfTheText() throws Exception {
        Selector selector =
                Selector.parse("a = 1 AND (b LIKE 'x' OR NOT c IS NULL) AND a IN ('d') AND JMSPriority > e");

        assertEquals(Set.of("a", "b", "c", "e", "JMSPriority"), selector.identifiers());
        assertEquals("a = 1 AND (b LIKE 'x' OR NOT c IS NULL) AND a IN ('d') AND JMSPriority > e", selector.toString());
    }

    @Test
    void whatIsTooLongOrTooDeepIsRefused() {
        String deepest = "(".repeat(Selector.MAX_DEPTH) + "yes" + ")".repeat(Selector.MAX_DEPTH);
        String longest = "yes" + " ".repeat(Selector.MAX_LENGTH - 3);

        assertEquals("T", truth(deepest.substring(1, deepest.length() - 1)));
        assertTrue(refusal("(" + deepest + ")").getMessage().contains("nested deeper than 128"));
        assertFalse(longest.length() > Selector.MAX_LENGTH);
        assertTrue(refusal(longest + " ").getMessage().contains("at most 65536"));
    }

    @Test
    void neitherLongNorNestedSelectorsOverflowASmallStack() throws Exception {
        String nested = "(1+(1*".repeat(63) + "int" + "))".repeat(63) + "> 0 AND NOT (NOT (yes))";
        String sum = "1" + "+1".repeat(30_000) + " = 30001";
        String product = "1" + "*1".repeat(30_000) + " = 1";
        String signs = "- ".repeat(30_000) + "int = 1000";
        String nots = "NOT ".repeat(16_000) + "yes";
        String ors = "no OR ".repeat(10_000) + "yes";
        String ands = "yes AND ".repeat(8_000) + "yes";
        StringBuilder result = new StringBuilder();
        Thread thread = new Thread(
                null,
                () -> {
                    for (String selector : new String[] {nested, sum, product, signs, nots, ors, ands}) {
                        try {
                            result.append(Selector.parse(selector).matches(MESSAGE::get) ? "T" : "F");
                        } catch (InvalidSelectorException e) {
                            result.append(e.getMessage());
                        }
                    }
                },
                "small stack",
                512 * 1024);

        thread.start();
        thread.join();

        assertEquals("TTTTTTT", result.toString());
    }

    @Test
    void likeIsNotExponential() throws Exception {
        Selector selector = Selector.parse("p LIKE '" + "%a".repeat(500) + "%b'");
        String value = "a".repeat(20_000);

        assertFalse(selector.matches(name -> value));
    }
}
