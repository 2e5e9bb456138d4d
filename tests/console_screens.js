() => {
  const faults = [], wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > wide) faults.push(`the page is ${document.documentElement.scrollWidth} wide`);
  const seen = (one) => one.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
  const name = (one) => `${one.tagName.toLowerCase()}#${one.id}.${one.className}`.slice(0, 60);
  const hiddenAway = (one) => one.closest('.out-of-sight, .skip');
  for (const one of document.querySelectorAll('body *')) {
    if (!seen(one) || hiddenAway(one) || one.closest('svg')) continue;
    const box = one.getBoundingClientRect();
    if (box.right > wide + 1) faults.push(`${name(one)} ends at ${Math.round(box.right)}`);
    const style = getComputedStyle(one);
    if (style.overflowX === 'hidden' && style.textOverflow !== 'ellipsis' && one.scrollWidth > one.clientWidth + 1 && one.clientWidth) faults.push(`${name(one)} is clipped`);
    if (/^(BUTTON|A|TD|DD|H1|H2|LI)$/.test(one.tagName) && !one.textContent.trim() && !one.querySelector('svg, img, input, select')
        && !(one.tagName === 'TD' && box.width)) faults.push(`${name(one)} is empty`);
  }
  for (const one of document.querySelectorAll('svg text')) {
    const box = one.getBoundingClientRect(), around = one.closest('#line > svg')?.getBoundingClientRect();
    if (around && (box.right > around.right + 1 || box.left < around.left - 1)) faults.push(`${one.textContent} leaves the drawing`);
  }
  for (const one of document.querySelectorAll('input, select, textarea, button')) {
    if (!seen(one)) continue;
    const named = one.labels?.length || one.getAttribute('aria-label') || one.textContent.trim();
    if (!named) faults.push(`${name(one)} has no label`);
  }
  for (const one of document.querySelectorAll('a, button, input, select, summary, [role=option]')) {
    if (!seen(one) || hiddenAway(one)) continue;
    const box = one.getBoundingClientRect();
    if (box.height < 45 || box.width < 45) faults.push(`${name(one)} "${one.textContent.trim().slice(0, 20)}" is ${Math.round(box.width)} x ${Math.round(box.height)}: too small to touch`);
  }
  const strip = document.querySelector('footer')?.getBoundingClientRect().top ?? innerHeight;
  for (const one of document.querySelectorAll('a, button, input, select, summary, td, li b, li p')) {
    const box = one.getBoundingClientRect(), x = box.left + box.width / 2, y = box.top + Math.min(box.height / 2, 20);
    if (!seen(one) || hiddenAway(one) || one.closest('footer') || !box.width || x < 0 || x > wide || y < 0 || y > strip) continue;
    const top = document.elementFromPoint(x, y);
    if (top && top !== one && !one.contains(top) && !top.contains(one)) faults.push(`${name(one)} is covered by ${name(top)}`);
  }
  const parse = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, n) => sum + v * [0.2126, 0.7152, 0.0722][n], 0);
  const behind = (one) => { for (let at = one; at; at = at.parentElement) {
    const back = parse(getComputedStyle(at).backgroundColor); if (back.length === 3 || back[3] > 0.99) return back; } return [255, 255, 255]; };
  for (const one of document.querySelectorAll('body *')) {
    if (!seen(one) || hiddenAway(one) || ![...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) continue;
    const inSvg = one.closest('svg');
    const ink = parse(inSvg ? getComputedStyle(one).fill : getComputedStyle(one).color);
    const [dark, bright] = [light(ink), light(inSvg ? [255, 255, 255] : behind(one))].sort((a, b) => a - b);
    if ((bright + 0.05) / (dark + 0.05) < 4.5) faults.push(`${name(one)} has contrast ${((bright + 0.05) / (dark + 0.05)).toFixed(1)}`);
  }
  if ([...document.scripts].some((one) => !one.src)) faults.push('a script stands in the page');
  return [...new Set(faults)].slice(0, 12);
}
