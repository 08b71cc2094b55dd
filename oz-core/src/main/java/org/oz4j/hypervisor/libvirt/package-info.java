/** The libvirt adapter of the hypervisor port; no libvirt or JNA type leaves this package. */
@NullMarked
package org.oz4j.hypervisor.libvirt;

import org.jspecify.annotations.NullMarked;
