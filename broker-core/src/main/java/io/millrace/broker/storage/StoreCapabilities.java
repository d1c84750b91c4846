// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage;

/**
 * @param atomicAcrossPartitions whether {@link LogStore#append(java.util.List)} works
 * @param replicated whether a log survives the loss of this machine
 */
public record StoreCapabilities(boolean atomicAcrossPartitions, boolean replicated) {}
