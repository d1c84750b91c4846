// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

/** Where an {@link Activation} stands; the moves are drawn there. */
sealed interface ActivationState {
    /** @param failures attempts that failed since the last success */
    record Connecting(int failures) implements ActivationState {}

    /** @param link delivers messages */
    record Running(InboundLink link) implements ActivationState {}

    /** @param failures attempts that failed since the last success, or the loss of the link; a timer is set */
    record Waiting(int failures) implements ActivationState {}

    /** For good. */
    record Stopped() implements ActivationState {}
}
