package store

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// pipelined is how a pipeline or a transaction is named: its commands travel together.
const pipelined = "pipeline"

// trips tells how long each round trip took, by the command's name.
type trips struct {
	tell func(command string, took time.Duration)
}

// DialHook changes nothing.
func (trips) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook measures one command.
func (t trips) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		begin := time.Now()
		err := next(ctx, cmd)
		t.tell(cmd.Name(), time.Since(begin))
		return err
	}
}

// ProcessPipelineHook measures one pipeline.
func (t trips) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		begin := time.Now()
		err := next(ctx, cmds)
		t.tell(pipelined, time.Since(begin))
		return err
	}
}
