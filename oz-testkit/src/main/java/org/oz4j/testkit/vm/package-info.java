/** Tests with real virtual machines: {@link org.oz4j.testkit.vm.OzVm} on the test, {@link org.oz4j.testkit.vm.RealMachines} in it. */
@NullMarked
package org.oz4j.testkit.vm;

import org.jspecify.annotations.NullMarked;
