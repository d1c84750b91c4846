// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

/** Waits that an interrupt does not cut short: the store must not leave files behind half closed. */
final class Uninterruptibly {
    private Uninterruptibly() {}

    /** A wait. */
    @FunctionalInterface
    interface Wait {
        Object await() throws InterruptedException;
    }

    static void await(Wait wait) {
        boolean interrupted = false;
        while (true) {
            try {
                wait.await();
                break;
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
