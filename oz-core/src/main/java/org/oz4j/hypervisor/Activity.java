package org.oz4j.hypervisor;

/**
 * Counters of a machine since its start; each is 0 where the hypervisor does not count it.
 *
 * @param cpuNanos processor time used, in nanoseconds
 * @param diskBytes bytes read from and written to all disks
 * @param networkBytes bytes received and sent
 */
public record Activity(long cpuNanos, long diskBytes, long networkBytes) {}
