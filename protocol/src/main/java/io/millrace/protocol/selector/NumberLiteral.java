// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.selector;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Numbers as selectors write them: Java's integer and floating-point literals (Jakarta Messaging 3.1, section 3.8.1.1).
 * As in Java an integer is an int, with the suffix L a long; since the specification asks for the range of long, one
 * that does not fit an int is a long without the suffix, too.
 */
final class NumberLiteral {
    private static final String DIGITS = "[0-9](?:[0-9_]*[0-9])?";
    private static final Pattern INTEGER = Pattern.compile("(?:0[xX](?<hex>[0-9a-fA-F](?:[0-9a-fA-F_]*[0-9a-fA-F])?)"
            + "|0[bB](?<binary>[01](?:[01_]*[01])?)|0_*(?<octal>[0-7](?:[0-7_]*[0-7])?)"
            + "|(?<decimal>0|[1-9](?:[0-9_]*[0-9])?))(?<suffix>[lL]?)");
    private static final Pattern FLOATING = Pattern.compile("(?:(?:" + DIGITS + "\\.(?:" + DIGITS + ")?|\\." + DIGITS
            + ")(?:[eE][+-]?" + DIGITS + ")?[fFdD]?"
            + "|" + DIGITS + "(?:[eE][+-]?" + DIGITS + "[fFdD]?|[fFdD])"
            + "|0[xX](?:[0-9a-fA-F_]+\\.?|[0-9a-fA-F_]*\\.[0-9a-fA-F_]+)[pP][+-]?" + DIGITS + "[fFdD]?)");

    private NumberLiteral() {}

    /**
     * The number, an Integer, Long, Float or Double.
     *
     * @param negative whether a minus stands right before it: -9223372036854775808 is a number, without minus it is not
     * @throws NumberFormatException with the problem, when it is none
     */
    static Number parse(String text, boolean negative) {
        Matcher integer = INTEGER.matcher(text);
        if (integer.matches()) {
            return integer(integer, negative);
        }
        if (FLOATING.matcher(text).matches()) {
            return floating(text.replace("_", ""), negative);
        }
        throw new NumberFormatException("\"" + text + "\" is not a number in Java's literal syntax");
    }

    private static Number integer(Matcher literal, boolean negative) {
        boolean isLong = !literal.group("suffix").isEmpty();
        String decimal = literal.group("decimal");
        try {
            if (decimal != null) {
                long value = Long.parseLong((negative ? "-" : "") + decimal.replace("_", ""));
                return narrowest(value, isLong || value != (int) value);
            }
            long bits = bits(literal);
            // As in Java these denote the bits: 0xFFFFFFFF is -1.
            long value = isLong || bits >>> Integer.SIZE != 0 ? bits : (int) bits;
            return narrowest(negative ? -value : value, isLong || bits >>> Integer.SIZE != 0);
        } catch (NumberFormatException e) {
            throw new NumberFormatException("the number is out of the range of Java's long");
        }
    }

    private static long bits(Matcher literal) {
        String hex = literal.group("hex");
        String binary = literal.group("binary");
        if (hex != null) {
            return Long.parseUnsignedLong(hex.replace("_", ""), 16);
        } else if (binary != null) {
            return Long.parseUnsignedLong(binary.replace("_", ""), 2);
        }
        return Long.parseUnsignedLong(literal.group("octal").replace("_", ""), 8);
    }

    private static Number narrowest(long value, boolean isLong) {
        return isLong ? (Number) value : (Number) (int) value;
    }

    private static Number floating(String text, boolean negative) {
        char last = text.charAt(text.length() - 1);
        boolean hexadecimal = text.startsWith("0x") || text.startsWith("0X");
        boolean single = (last == 'f' || last == 'F');
        double value = single ? Float.parseFloat(text) : Double.parseDouble(text);
        if (Double.isInfinite(value) || (value == 0 && hasSignificantDigit(text, hexadecimal))) {
            throw new NumberFormatException(
                    "the number is out of the range of Java's " + (single ? "float" : "double"));
        }
        double signed = negative ? -value : value;
        return single ? (Number) (float) signed : (Number) signed;
    }

    private static boolean hasSignificantDigit(String text, boolean hexadecimal) {
        for (int i = hexadecimal ? 2 : 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (hexadecimal ? c == 'p' || c == 'P' : c == 'e' || c == 'E') {
                return false;
            } else if (c != '0' && Character.digit(c, hexadecimal ? 16 : 10) > 0) {
                return true;
            }
        }
        return false;
    }
}
